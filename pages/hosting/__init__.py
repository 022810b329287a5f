"""How the app is served: Streamlit's defaults put right."""
