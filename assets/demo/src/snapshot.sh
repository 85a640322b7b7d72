# Snapshots: the newest value of every key, sorted, so that two equal stores give equal bytes.

# snapshot_write: the snapshot of TIDE_DATA.
snapshot_write() {
    awk '
        { at = index($0, "="); if (at) value[substr($0, 1, at - 1)] = substr($0, at + 1) }
        END { for (key in value) print key "=" value[key] }
    ' "$TIDE_DATA" | LC_ALL=C sort
}

# snapshot_sum: a short fingerprint of the snapshot.
snapshot_sum() {
    snapshot_write | cksum | cut -d ' ' -f 1
}
