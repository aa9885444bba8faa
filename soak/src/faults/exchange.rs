use bytes::Bytes;
use tokio::time::timeout;

use crate::cases::Ask;
use crate::checks::flaws;
use crate::client::{Http1, Http2, exchange};
use crate::message::{NoResponse, Request, Response};
use crate::report::Protocol;
use crate::server::Shown;
use crate::soak::{PATIENCE, Soak};

/// Sends the request over a connection of its own.
pub(super) async fn ask(
    soak: &Soak,
    ask: &Ask,
    protocol: Protocol,
) -> Result<Response, NoResponse> {
    let address = soak.address(ask.case.target);
    let exchanged = async {
        match protocol {
            Protocol::Http1 => {
                let connection = Http1::connect(address).await;
                let mut connection = connection.map_err(NoResponse::before)?;
                connection.exchange(&ask.request).await
            }
            Protocol::Http2 => {
                let connection = Http2::connect(address, &h2::client::Builder::new()).await;
                exchange(connection.map_err(NoResponse::before)?, &ask.request).await
            }
        }
    };
    let exchanged = timeout(PATIENCE, exchanged).await;
    exchanged.unwrap_or_else(|late| Err(NoResponse::before(late)))
}

/// Counts the request, and reports what is wrong with what came. Returns whether nothing was.
pub(super) fn check(
    soak: &Soak,
    during: &str,
    ask: &Ask,
    protocol: Protocol,
    exchanged: &Result<Response, NoResponse>,
) -> bool {
    let name = format!("{}, {during}", ask.case.name);
    soak.report.count(name.clone(), protocol);
    match exchanged {
        Ok(response) => {
            let flaws = flaws(ask, response, &soak.made);
            for flaw in &flaws {
                let example = format!("{}: {}", ask.request.path, flaw.detail);
                soak.report.fault_in(&name, protocol, flaw.kind, &example);
            }
            flaws.is_empty()
        }
        Err(NoResponse { cause, .. }) => {
            let example = format!("{}: {cause}", ask.request.path);
            soak.report
                .fault_in(&name, protocol, "no response", &example);
            false
        }
    }
}

/// The sum of the series of a metric.
pub(super) async fn metric(server: &Shown, name: &str) -> Result<f64, NoResponse> {
    let address = server.metrics.ok_or(NoResponse::before("no metrics"))?;
    let request = Request {
        method: "GET",
        path: "/metrics".to_owned(),
        fields: Vec::new(),
        body: Bytes::new(),
        chunked: false,
    };
    let connection = Http1::connect(address).await;
    let mut connection = connection.map_err(NoResponse::before)?;
    let response = connection.exchange(&request).await?;
    Ok(sum(&String::from_utf8_lossy(&response.body), name))
}

/// Of the [text format](https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
fn sum(text: &str, name: &str) -> f64 {
    let values = text.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        let is_whole_name = rest.starts_with([' ', '{']);
        let value = rest.rsplit(' ').next().filter(|_| is_whole_name)?;
        value.parse::<f64>().ok()
    });
    values.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_the_sum_of_its_series() {
        let text = "# TYPE a counter\na{store=\"x\"} 3\na{store=\"y\"} 4\na_total 9\nb 1\n";

        assert!((sum(text, "a") - 7.0).abs() < 1e-9);
        assert!((sum(text, "b") - 1.0).abs() < 1e-9);
        assert!(sum(text, "c").abs() < 1e-9);
    }
}
