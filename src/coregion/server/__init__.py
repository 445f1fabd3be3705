"""The web application: one study, solved live, told to a page by an HTTP interface (docs/server.md)."""
