//! CPU seconds out of Linux' [`/proc/PID/stat`](https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html),
//! which counts hundredths of a second.

/// Those of the process itself: the 14th and 15th field.
pub(crate) fn own_seconds(stat: &str) -> Option<f64> {
    // The second field is a name in parentheses, and may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(14 - 3);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_process_took() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 1 2 3 4 50 60 150 25 20 0 1 0 1 1 1";

        assert_eq!(own_seconds(stat), Some(1.1));
        assert_eq!(own_seconds("7 (a) S 1"), None);
    }
}
