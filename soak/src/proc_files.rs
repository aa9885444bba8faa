//! What Linux says of a process in [`/proc`](https://man7.org/linux/man-pages/man5/proc.5.html).

use std::{fs, io};

/// The memory that is resident, in KiB.
pub(crate) fn resident_kib(process: u32) -> io::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    resident(&status).ok_or_else(|| io::Error::other("no VmRSS"))
}

/// How many descriptors are open.
pub(crate) fn descriptors(process: u32) -> io::Result<usize> {
    Ok(fs::read_dir(format!("/proc/{process}/fd"))?.count())
}

/// How many connections to this port some process holds on its listening side.
pub(crate) fn connections(port: u16) -> io::Result<usize> {
    Ok(held(&fs::read_to_string("/proc/net/tcp")?, port))
}

fn resident(status: &str) -> Option<f64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn held(table: &str, port: u16) -> usize {
    let suffix = format!(":{port:04X}");
    let is_held = |line: &&str| {
        let columns: Vec<_> = line.split_whitespace().collect();
        // Local address, state and inode; a socket that no process has left has none.
        match columns[..] {
            [_, local, _, state, _, _, _, _, _, inode, ..] => {
                local.ends_with(&suffix) && state != LISTEN && inode != "0"
            }
            _ => false,
        }
    };
    table.lines().filter(is_held).count()
}

const LISTEN: &str = "0A";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_resident_memory() {
        let status = "Name:\tgateway\nVmPeak:\t  900000 kB\nVmRSS:\t   20480 kB\n";

        assert_eq!(resident(status), Some(20_480.0));
        assert_eq!(resident("Name:\tgateway\n"), None);
    }

    #[test]
    fn counts_connections_that_are_held_on_the_port() {
        let row = |local: &str, state: &str, inode: &str| {
            format!(
                "   0: 0100007F:{local} 0100007F:C350 {state} 00000000:00000000 00:00000000 \
                 00000000  1000        0 {inode} 1 0 20 4 30 10 -1\n"
            )
        };
        let table = [
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode\n".to_owned(),
            row("0BB8", "0A", "11"),
            row("0BB8", "01", "12"),
            row("0BB8", "08", "13"),
            row("0BB8", "06", "0"),
            row("0BB9", "01", "14"),
        ]
        .concat();

        assert_eq!(held(&table, 3000), 2);
    }
}
