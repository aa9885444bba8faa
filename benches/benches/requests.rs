//! How long a request takes, in three groups: `overhead` (each layer, and all five over a plain service
//! and over axum, beside the bare service), `peers` (what others use in their place, and each limiter
//! alone) and `render` (the body of each format, beside what serde's derive makes of the same).
//!
//! `cargo bench -p tower-edge-benches --bench requests`; a group's name after `--` runs that group alone.

use std::time::Duration;

use criterion::Criterion;
use tower_edge_benches::{Scenario, layers, peers, render};

fn main() -> std::io::Result<()> {
    // For the scenarios that wait.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let _guard = runtime.enter();
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let overhead = layers::alone().into_iter().chain(layers::stacks());
    group(&mut criterion, "overhead", overhead);
    let on_axum = layers::stacks().into_iter();
    let on_axum = on_axum.filter(|scenario| scenario.name().starts_with("axum_"));
    let peers = peers::scenarios().into_iter().chain(peers::limiters());
    group(&mut criterion, "peers", on_axum.chain(peers));
    group(&mut criterion, "render", render::scenarios());
    criterion.final_summary();
    Ok(())
}

fn group(criterion: &mut Criterion, name: &str, scenarios: impl IntoIterator<Item = Scenario>) {
    let mut group = criterion.benchmark_group(name);
    for mut scenario in scenarios {
        let name = scenario.name().to_owned();
        group.bench_function(name, |bencher| bencher.iter(|| scenario.run(1)));
    }
    group.finish();
}
