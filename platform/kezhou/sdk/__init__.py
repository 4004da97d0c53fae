"""All that a plugin may import: `kezhou.sdk.manifest`, `.records`, `.hooks` and `.ui`. This package itself stays empty."""
