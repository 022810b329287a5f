"""The science of Equiscope: layers, networks, resampling and measures; serves a script as well as the app."""
