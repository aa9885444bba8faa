use std::collections::HashSet;
use std::thread;

use super::*;

const NOW: Duration = Duration::new(1_700_000_000, 5);

fn written(ids: &Ids, bits: u128, time: Duration) -> String {
    String::from_utf8(ids.write(bits, time).to_vec()).unwrap()
}

// RFC 9562, appendix A.3.
#[test]
fn a_random_uuid_is_that_of_the_rfc() {
    let bits = 0x9191_08f7_52d1_3320_5bac_f847_db41_48a8;

    assert_eq!(
        written(&Ids::uuid_v4(), bits, Duration::ZERO),
        "919108f7-52d1-4320-9bac-f847db4148a8"
    );
}

// RFC 9562, appendix A.6; its 12 bits behind the version are those of a fraction of 0xcc3/0x1000.
#[test]
fn a_uuid_by_time_is_that_of_the_rfc() {
    let fraction = Duration::from_nanos(0xcc3 * 1_000_000 / 0x1000 + 1);
    let time = Duration::from_millis(0x017f_22e2_79b0) + fraction;
    let bits = 0x18c4_dc0c_0c07_398f << 64;

    assert_eq!(
        written(&Ids::uuid_v7(), bits, time),
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    );
}

#[test]
fn uuids_by_time_sort_by_it() {
    let step = Duration::from_nanos(250);
    let start = Duration::from_millis(1_700_000_000_999);
    let ids: Vec<_> = (0..100_u32)
        .map(|n| written(&Ids::uuid_v7(), u128::MAX >> n, start + step * n))
        .collect();

    assert!(ids.is_sorted(), "{ids:?}");
}

#[test]
fn the_largest_bits_keep_version_variant_and_length() {
    for (ids, expected) in [
        (Ids::hex(), "ffffffffffffffffffffffffffffffff"),
        (Ids::uuid_v4(), "ffffffff-ffff-4fff-bfff-ffffffffffff"),
        (Ids::uuid_v7(), "00000000-0000-7000-bfff-ffffffffffff"),
    ] {
        assert_eq!(written(&ids, u128::MAX, Duration::ZERO), expected);
    }
}

#[test]
fn every_format_with_the_longest_prefix_is_an_id() {
    for (ids, length) in [(Ids::hex(), 32), (Ids::uuid_v4(), 36), (Ids::uuid_v7(), 36)] {
        let prefix = "p".repeat(CorrelationId::MAX_LENGTH - length);
        let ids = ids.with_prefix(prefix.clone()).unwrap();

        let id = ids.generate();

        assert_eq!(id.as_str().len(), prefix.len() + length);
        assert!(id.as_str().starts_with(&prefix));
        assert_ne!(id, ids.generate());
    }
}

#[test]
fn a_prefix_that_no_id_can_have_is_an_error_when_it_is_set() {
    let error = |prefix: &str| Ids::uuid_v7().with_prefix(prefix.to_owned()).unwrap_err();

    for (bad, byte) in [("req ", b' '), ("req\n", b'\n'), ("é", 0xc3)] {
        assert_eq!(error(bad), InvalidCorrelationId::Byte(byte));
    }
    for length in [165, 165_000] {
        let error = error(&"p".repeat(length)).to_string();
        let expected = format!(
            "correlation id of {} bytes: expected 1 to 200 characters",
            length + 36
        );
        assert_eq!(error, expected);
    }
}

#[test]
fn bits_differ_even_if_the_clock_stands_still() {
    let mut rng = Rng([1, 2]);
    let mut seen = HashSet::new();

    for _ in 0..10_000 {
        let bits = rng.next_u128(NOW);
        assert!(seen.insert(bits >> 64) && seen.insert(bits & u128::from(u64::MAX)));
    }
}

#[test]
fn a_copy_of_the_process_diverges_at_the_first_nanosecond_that_differs() {
    let (mut parent, mut child) = (Rng([1, 2]), Rng([1, 2]));
    let later = NOW + Duration::from_nanos(1);

    for (nth, (ours, theirs)) in [(NOW, later), (NOW, NOW), (NOW, NOW)]
        .into_iter()
        .enumerate()
    {
        let (a, b) = (parent.next_u128(ours), child.next_u128(theirs));
        assert_ne!(a >> 64, b >> 64, "{nth}");
    }
}

#[test]
fn each_thread_has_a_seed_of_its_own() {
    let drawn = || thread::spawn(|| next_u128(NOW)).join().unwrap();

    assert_ne!(drawn(), drawn());
    assert_ne!(Rng::from_entropy().0, Rng::from_entropy().0);
}
