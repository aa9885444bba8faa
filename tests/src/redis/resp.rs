//! As much of the protocol as commands need.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A connection apart from those under test.
#[derive(Debug)]
pub(super) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(super) fn new(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("a server");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// The reply as text: the items of an array on a line each, and an error with its `-`.
    pub(super) fn ask(&mut self, words: &[&str]) -> String {
        let mut command = format!("*{}\r\n", words.len());
        for word in words {
            command += &format!("${}\r\n{word}\r\n", word.len());
        }
        self.stream.get_mut().write_all(command.as_bytes()).unwrap();
        self.reply()
    }

    /// The time by the server's clock, in seconds since the Unix epoch.
    pub(super) fn unix_time(&mut self) -> i64 {
        let time = self.ask(&["TIME"]);
        time.lines().next().unwrap().parse().unwrap()
    }

    fn reply(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("a reply");
        let line = line.trim_end();
        match line.split_at_checked(1) {
            Some(("*", count)) => {
                let items: Vec<_> = (0..count.parse().unwrap_or(0))
                    .map(|_: usize| self.reply())
                    .collect();
                items.join("\n")
            }
            Some(("$", length)) => {
                let Ok(length) = length.parse::<usize>() else {
                    return String::new();
                };
                let mut text = vec![0; length + 2];
                self.stream.read_exact(&mut text).expect("a whole reply");
                text.truncate(length);
                String::from_utf8_lossy(&text).into_owned()
            }
            Some((":" | "+", text)) => text.to_owned(),
            _ => line.to_owned(),
        }
    }
}

/// Longer than anything here takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);
