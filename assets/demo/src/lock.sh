# One writer at a time: a directory is the lock, since making one is atomic.

# lock_take NAME: fails when somebody holds it.
lock_take() {
    mkdir "$TIDE_DATA.$1.lock" 2>/dev/null
}

# lock_free NAME
lock_free() {
    rmdir "$TIDE_DATA.$1.lock"
}
