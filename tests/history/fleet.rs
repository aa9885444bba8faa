//! The machines, as processes.

use std::env;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval};
use tower_edge_tests::in_time;

use crate::history::Request;
use crate::machine::ARGUMENTS;
use crate::scenario::{MACHINES, index};

pub(crate) struct Fleet {
    begun: usize,
    machines: Vec<Machine>,
    requests: Arc<Mutex<Vec<Request>>>,
    seed: u64,
    url: String,
}

struct Machine {
    number: usize,
    process: Child,
    reader: JoinHandle<()>,
}

impl Fleet {
    /// All machines of this run, on a server at this URL.
    pub(crate) fn start(url: String, seed: u64) -> Self {
        let mut fleet = Self {
            begun: 0,
            machines: Vec::new(),
            requests: Arc::default(),
            seed,
            url,
        };
        for _ in 0..MACHINES {
            let machine = fleet.begin();
            fleet.machines.push(machine);
        }
        fleet
    }

    fn begin(&mut self) -> Machine {
        let number = self.begun;
        self.begun += 1;
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", TEST, "--nocapture"])
            .env(ARGUMENTS, format!("{} {} {number}", self.url, self.seed))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = read(process.stdout.take().unwrap(), self.requests.clone());
        Machine {
            number,
            process,
            reader: tokio::spawn(lines),
        }
    }

    /// Kills a machine with all that it has in hand, and begins another after this pause.
    pub(crate) async fn replace(&mut self, which: u64, pause: Duration) {
        let at = index(which, self.machines.len());
        in_time(self.machines[at].process.kill()).await.unwrap();
        wait(pause).await;
        let next = self.begin();
        let last = std::mem::replace(&mut self.machines[at], next);
        in_time(last.reader).await.unwrap();
    }

    /// Stops a machine where it is for this long.
    pub(crate) async fn pause(&self, which: u64, pause: Duration) {
        let machine = &self.machines[index(which, self.machines.len())];
        machine.signal("STOP").await;
        wait(pause).await;
        machine.signal("CONT").await;
    }

    /// Waits until each machine has had such a response. The number of one that has not in time is an error.
    pub(crate) async fn all(
        &self,
        within: Duration,
        is_such: impl Fn(&Request) -> bool,
    ) -> Result<(), usize> {
        let begun = Instant::now();
        let mut ticks = interval(Duration::from_millis(5));
        let has_none = |machine: &&Machine| {
            let is_its = |request: &&Request| request.machine == machine.number;
            let requests = self.requests.lock().unwrap();
            !requests.iter().filter(is_its).any(&is_such)
        };
        while let Some(machine) = self.machines.iter().find(has_none) {
            if begun.elapsed() > within {
                return Err(machine.number);
            }
            ticks.tick().await;
        }
        Ok(())
    }

    /// Has nobody ask any more.
    pub(crate) async fn quiet(&mut self) {
        for machine in &mut self.machines {
            let stdin = machine.process.stdin.as_mut().unwrap();
            stdin.write_all(b"\n").await.unwrap();
        }
    }

    /// Ends all machines, and returns all requests there were.
    pub(crate) async fn end(self) -> Vec<Request> {
        for mut machine in self.machines {
            drop(machine.process.stdin.take());
            in_time(machine.reader).await.unwrap();
            assert!(in_time(machine.process.wait()).await.unwrap().success());
        }
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

impl Machine {
    async fn signal(&self, name: &str) {
        let id = self.process.id().expect("a process").to_string();
        let kill = Command::new("kill").args(["-s", name, &id]).status().await;
        assert!(kill.unwrap().success());
    }
}

async fn read(stdout: ChildStdout, requests: Arc<Mutex<Vec<Request>>>) {
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Ok(request) = line.parse() {
            requests.lock().unwrap().push(request);
        }
    }
}

/// Lets real time pass for the processes.
pub(crate) async fn wait(pause: Duration) {
    let mut ticks = interval(pause.max(Duration::from_millis(1)));
    ticks.tick().await;
    ticks.tick().await;
}

/// The one that is a machine when it is given arguments.
const TEST: &str = "machines_let_through_what_the_documentation_states_whatever_fails";
