//! What the benches share.

use std::time::Duration;

use criterion::Criterion;
use tower_edge_benches::Scenario;

/// Times the scenarios in one group, with a runtime for those that wait.
pub(crate) fn measure(group: &str, scenarios: Vec<Scenario>) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let _guard = runtime.enter();
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let mut benches = criterion.benchmark_group(group);
    for mut scenario in scenarios {
        benches.bench_function(scenario.name(), |bencher| bencher.iter(|| scenario.run(1)));
    }
    benches.finish();
    criterion.final_summary();
    Ok(())
}
