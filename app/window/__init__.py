"""The main window: header, docks, menus, dialogs."""
