//! The worst of all runs, for the documentation.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::runs::Report;
use crate::scenario::{Fault, Mode, QUOTAS};

/// Of each mode and fault, how far the worst run went beyond the limit, in percent of it.
#[derive(Debug, Default)]
pub(crate) struct Table {
    cells: BTreeMap<(usize, usize), Cell>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    percent: u64,
    recovery: Duration,
    runs: u64,
}

impl Table {
    pub(crate) fn add(&mut self, report: &Report) {
        let fault = Fault::ALL.iter().position(|fault| *fault == report.fault);
        let mode = Mode::ALL.iter().position(|mode| *mode == report.mode);
        let cell = self
            .cells
            .entry((fault.unwrap(), mode.unwrap()))
            .or_default();
        let overruns = report.overruns.iter().zip(QUOTAS);
        let percent =
            overruns.map(|(overrun, quota)| (overrun * 100).div_ceil(quota.limit().get().into()));
        cell.percent = cell.percent.max(percent.max().unwrap_or(0));
        cell.recovery = cell.recovery.max(report.recovery);
        cell.runs += 1;
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| fault |")?;
        for mode in Mode::ALL {
            write!(f, " {mode} |")?;
        }
        writeln!(
            f,
            " back after |\n|---{}|---|",
            "|---".repeat(Mode::ALL.len())
        )?;
        for (row, fault) in Fault::ALL.iter().enumerate() {
            let cells = (0..Mode::ALL.len()).map(|column| self.cells.get(&(row, column)));
            let cells: Vec<_> = cells.collect();
            write!(f, "| {fault} |")?;
            for cell in &cells {
                match cell {
                    Some(cell) => write!(f, " {} % |", cell.percent)?,
                    None => write!(f, " |")?,
                }
            }
            let recoveries = cells.iter().flatten().map(|cell| cell.recovery);
            let recovery = recoveries.max().unwrap_or_default();
            writeln!(f, " {:.2} s |", recovery.as_secs_f64())?;
        }
        let runs: u64 = self.cells.values().map(|cell| cell.runs).sum();
        write!(f, "{runs} runs")
    }
}
