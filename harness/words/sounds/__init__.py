"""How words sound: phones from dictionaries, by espeak-ng and by rule (`pronunciation`); how alike texts sound (`phones`)."""
