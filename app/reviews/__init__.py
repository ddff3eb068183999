"""Reviews: one page, one star, nothing stored until the person says so."""
