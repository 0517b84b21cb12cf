"""Other people's servers: where they are and who may ask (`address`), and asking them within bounds (`server`)."""
