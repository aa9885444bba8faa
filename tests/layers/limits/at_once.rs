//! Many requests at once, on several threads.

use std::convert::Infallible;
use std::sync::Arc;

use http::{Request, Response};
use tokio::sync::Barrier;
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::rate_limit::{ApiKey, Limit, Quota};

use crate::limits::harness::{layer, request};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_tasks_exactly_as_many_are_admitted_as_may_be() {
    for quota in [
        Quota::per_minute(100),
        Quota::per_minute(100).sliding_window(),
        Quota::per_month(100),
    ] {
        let limit = layer(Limit::new(quota, ApiKey));
        let service = limit.layer(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(()))
        }));
        let start = Arc::new(Barrier::new(64));

        let tasks = (0..64).map(|_| {
            let (service, start) = (service.clone(), start.clone());
            tokio::spawn(async move {
                start.wait().await;
                let mut admitted = 0;
                for _ in 0..10 {
                    let response = service.clone().oneshot(request("a")).await.unwrap();
                    admitted += u32::from(response.status() == 200);
                }
                admitted
            })
        });
        let tasks: Vec<_> = tasks.collect();
        let mut admitted = 0;
        for task in tasks {
            admitted += task.await.unwrap();
        }

        assert_eq!(admitted, 100);
    }
}
