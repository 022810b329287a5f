"""The only package that knows both Streamlit and core."""
