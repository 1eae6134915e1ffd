"""The panels around the map; ``ui.panels.catalogue.PANELS`` lists them."""
