use super::*;

fn named(name: &str) -> Result<Quota, QuotaError> {
    Quota::per_second(1).try_named(name)
}

#[test]
fn the_interval_is_rounded_up_to_whole_microseconds() {
    for (count, period, interval) in [
        (20, SECOND, Duration::from_millis(50)),
        (7, HOUR, Duration::from_micros(514_285_715)),
        (3, SECOND, Duration::from_micros(333_334)),
        (1_000_000, SECOND, Duration::from_micros(1)),
    ] {
        let quota = Quota::new(count, period).unwrap();
        assert_eq!(quota.emission_interval(), interval, "{count}/{period:?}");
    }
}

#[test]
fn a_quota_is_named_after_its_period() {
    let plan = Quota::per_month(7);
    for (quota, name) in [
        (Quota::per_second(7), "second"),
        (Quota::per_minute(7), "minute"),
        (Quota::per_hour(7), "hour"),
        (Quota::per_day(7), "day"),
        (plan, "month"),
        (plan.named("plan").with_calendar(Calendar::WEEK), "plan"),
        (Quota::new(7, 2 * SECOND).unwrap(), "default"),
    ] {
        assert_eq!(quota.name(), name);
        assert_eq!(quota.id(), fnv_1a(name.as_bytes()));
    }
}

#[test]
fn refuses_a_name_that_no_header_can_carry() {
    let long = "a".repeat(65);
    for bad in ["", "a\"b", "a\\b", "a\nb", "größe", "a;b", "a=b", &long] {
        let error = named(bad).unwrap_err();

        assert!(matches!(error, QuotaError::Name { .. }), "{bad:?}");
    }
    assert_eq!(named("a b").unwrap().name(), "a b");
}

#[test]
fn refuses_periods_that_overflow_or_mean_nothing() {
    for bad in [
        Duration::ZERO,
        Duration::from_micros(999),
        Duration::from_secs(315_360_001),
        Duration::MAX,
    ] {
        let error = Quota::new(1, bad).unwrap_err();

        assert!(matches!(error, QuotaError::Period { .. }), "{bad:?}");
    }
}

#[test]
fn refuses_counts_that_mean_nothing() {
    assert_eq!(Quota::new(0, SECOND), Err(QuotaError::Count));
    assert_eq!(
        Quota::new(1_000_001, SECOND),
        Err(QuotaError::Rate {
            count: 1_000_001,
            period: SECOND
        })
    );
    assert!(Quota::new(u32::MAX, DAY).is_ok());
}

#[test]
fn refuses_a_burst_that_is_never_back() {
    let day = Quota::per_day(1);
    for bad in [0, u32::MAX] {
        let error = day.try_with_burst(bad);

        assert_eq!(error, Err(QuotaError::Burst { burst: bad }));
    }
    assert_eq!(day.try_with_burst(100).unwrap().limit().get(), 100);
}

#[test]
fn a_window_and_a_calendar_have_no_burst() {
    let quota = Quota::per_day(5).with_burst(2);

    assert_eq!(quota.limit().get(), 2);
    assert_eq!(quota.sliding_window().limit().get(), 5);
    assert_eq!(quota.with_calendar(Calendar::DAY).limit().get(), 5);
}

#[test]
fn a_burst_and_its_period_stay_far_from_overflow() {
    let quota = Quota::new(u32::MAX, Quota::MAX_PERIOD).unwrap();

    let refill = quota.interval * u64::from(u32::MAX);
    assert!(refill < u64::MAX / 4, "{refill}");
    assert!(4 * nanos(Quota::MAX_PERIOD) < u64::MAX / 4);
}
