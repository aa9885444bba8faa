//! Counts problems.

use crate::envelope::Report;

pub(crate) const LISTENS: bool = true;

/// One more of `errors_total`. What it is labelled with is written in code, so that clients cannot make
/// series: keys and formats by their names, and statuses.
pub(crate) fn problem(report: &Report<'_>) {
    let counter = metrics::counter!(
        "errors_total",
        "key" => report.key(),
        "status" => report.status().as_str().to_owned(),
        "format" => report.format(),
    );
    counter.increment(1);
}

#[cfg(test)]
mod tests {
    use http::{Request, Response};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_edge_core::{Kind, Problem};
    use tower_layer::Layer;

    use crate::counted::Counted;
    use crate::envelope::EnvelopeLayer;
    use crate::envelope::format::MediaNest;

    #[test]
    fn each_problem_is_counted_under_what_is_written_in_code() {
        let service = EnvelopeLayer::new(MediaNest).layer(service_fn(|request: Request<()>| {
            let problem = Problem::new(Kind::NotFound).with_message(request.uri().to_string());
            std::future::ready(Err::<Response<String>, _>(problem))
        }));

        let counted = Counted::meanwhile(|| {
            let request = Request::get("/anything/at/all").body(()).unwrap();
            block_on(service.oneshot(request)).unwrap();
        });

        assert_eq!(
            counted,
            ["errors_total key=not_found status=404 format=medianest 1"]
        );
    }
}
