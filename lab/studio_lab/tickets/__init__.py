"""Many tickets at once: what they are (`world`), and writing them into Znuny's database (`load`)."""
