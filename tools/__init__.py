"""Commands around the program, which never imports them: preview, deploy, rehearsal, scan."""
