use std::time::Duration;

use redis::Value;
use tower_edge_core::rate_limit::{
    Algorithm, Decision, QuotaRequest, QuotaState, Receipt, SlidingWindow,
};

use crate::account::{Account, micros};

/// The result of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    Replies(Replies),
    /// The calendar did not reach the server's time, which is this one.
    OffCalendar(Duration),
}

/// The decisions about each request, and the server's time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replies {
    pub(crate) now: Duration,
    pub(crate) replies: Vec<ScriptReply>,
}

/// The decision about one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScriptReply {
    /// The account, as if the leased units had not been charged.
    pub(crate) account: Account,
    /// The number of leased units.
    pub(crate) leased: u32,
    /// The receipt for all charged units, with the leased ones.
    pub(crate) receipt: Option<Receipt>,
    pub(crate) state: QuotaState,
}

impl ScriptReply {
    /// The reply for an account with this many units on lease.
    pub(crate) fn new(
        request: &QuotaRequest,
        now: Duration,
        whole: Account,
        leased: u32,
        is_charged: bool,
    ) -> Self {
        let (quota, cost) = (&request.quota, request.cost);
        let account = whole.without(quota, leased);
        let state = account.state(quota, now, cost, is_charged);
        let charged = match leased {
            0 => state,
            _ => whole.state(quota, now, cost, true),
        };
        let receipt = || Decision::one(now, request, charged).receipt(0);
        Self {
            account,
            leased,
            receipt: is_charged.then(receipt).flatten(),
            state,
        }
    }

    /// The charges for this request, to be given back.
    pub(crate) fn refund(&self, request: &QuotaRequest) -> Option<QuotaRequest> {
        let cost = request.cost.saturating_add(self.leased);
        Some(request.clone().with_cost(cost).with_receipt(self.receipt?))
    }
}

impl Decoded {
    /// `None` if it is no reply to these requests.
    pub(super) fn new(reply: &Value, requests: &[QuotaRequest]) -> Option<Self> {
        match reply {
            Value::BulkString(text) => {
                let mut numbers = text.split(|byte| *byte == b' ').map(digits);
                let seconds = Duration::from_secs(numbers.next()??);
                let now = seconds.checked_add(Duration::from_micros(numbers.next()??))?;
                replies(now, numbers, requests).map(Self::Replies)
            }
            Value::Array(values) => match values[..] {
                [Value::Int(OFF_CALENDAR), ref now] => Some(Self::OffCalendar(time(now)?)),
                [ref now, ref values @ ..] => {
                    replies(time(now)?, values.iter().map(number), requests).map(Self::Replies)
                }
                [] => None,
            },
            _ => None,
        }
    }
}

fn replies(
    now: Duration,
    mut numbers: impl Iterator<Item = Option<u64>>,
    requests: &[QuotaRequest],
) -> Option<Replies> {
    let mut next = || numbers.next().flatten();
    let mut replies = Vec::with_capacity(requests.len());
    for request in requests {
        replies.push(script_reply(&mut next, request, now)?);
    }
    // Numbers that belong to no request.
    let is_whole = numbers.next().is_none();
    is_whole.then_some(Replies { now, replies })
}

fn script_reply(
    mut next: impl FnMut() -> Option<u64>,
    request: &QuotaRequest,
    now: Duration,
) -> Option<ScriptReply> {
    let is_charged = next()? == 1;
    let leased = u32::try_from(next()?).ok()?;
    let whole = match request.quota.algorithm() {
        Algorithm::Calendar(_) => Account::Calendar {
            used: next()?,
            end: next()?,
        },
        Algorithm::SlidingWindow => {
            let mut counts = [0; SlidingWindow::COUNTS];
            for count in &mut counts {
                *count = u32::try_from(next()?).unwrap_or(u32::MAX);
            }
            let step = micros(SlidingWindow::sub_window(&request.quota));
            let begun = micros(now) / step * step;
            let expires_at = begun.saturating_add(step.saturating_mul(counts.len() as u64));
            Account::Window(SlidingWindow::new(
                counts,
                Duration::from_micros(expires_at),
            ))
        }
        _ => Account::Gcra { tat: next()? },
    };
    Some(ScriptReply::new(request, now, whole, leased, is_charged))
}

fn digits(text: &[u8]) -> Option<u64> {
    let add = |number: u64, byte: &u8| {
        let digit = byte.wrapping_sub(b'0');
        let number = number.checked_mul(10)?.checked_add(digit.into())?;
        (digit <= 9).then_some(number)
    };
    let (first, others) = text.split_first()?;
    others.iter().try_fold(add(0, first)?, add)
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        _ => None,
    }
}

fn time(micros: &Value) -> Option<Duration> {
    number(micros).map(Duration::from_micros)
}

const OFF_CALENDAR: i64 = -1;

#[cfg(test)]
mod tests {
    use std::slice;

    use tower_edge_core::rate_limit::{Calendar, KeyHash, Quota};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// A request under each algorithm, with how many numbers the script replies of it.
    fn requests() -> [(QuotaRequest, usize); 3] {
        let quota = Quota::per_second(5);
        [
            (quota, 3),
            (quota.sliding_window(), 14),
            (quota.with_calendar(Calendar::DAY), 4),
        ]
        .map(|(quota, numbers)| (QuotaRequest::new(quota, KeyHash::from_bits(1)), numbers))
    }

    fn decode(reply: &[i64], requests: &[QuotaRequest]) -> Option<Decoded> {
        let reply = reply.iter().copied().map(Value::Int);
        Decoded::new(&Value::Array(reply.collect()), requests)
    }

    fn decode_text(reply: &str, requests: &[QuotaRequest]) -> Option<Decoded> {
        Decoded::new(&Value::BulkString(reply.into()), requests)
    }

    #[test]
    fn what_is_no_reply_to_the_requests_is_none() {
        for (request, numbers) in requests() {
            let requests = [request];
            let whole = vec![1; 1 + numbers];
            assert!(decode(&whole, &requests).is_some(), "{whole:?}");

            for length in (0..whole.len()).chain([whole.len() + 1]) {
                let other = vec![1; length];
                assert_eq!(decode(&other, &requests), None, "{other:?}");
            }
            for place in 0..whole.len() {
                let mut negative = whole.clone();
                negative[place] = -1;
                assert_eq!(decode(&negative, &requests), None, "{negative:?}");
            }
        }
    }

    #[test]
    fn no_number_is_too_large() {
        for (request, numbers) in requests() {
            for large in [i64::from(u32::MAX), i64::MAX - 1, i64::MAX] {
                for now in [1, i64::MAX] {
                    // Whether it was charged, and what is on lease are checked.
                    let reply = [now, 1, 7].into_iter().chain(vec![large; numbers - 2]);
                    let reply: Vec<i64> = reply.collect();
                    let Some(Decoded::Replies(replies)) = decode(&reply, slice::from_ref(&request))
                    else {
                        panic!("{reply:?}");
                    };

                    assert!(replies.replies[0].state.remaining() <= 5);
                    let refund = replies.replies[0].refund(&request).unwrap();
                    assert_eq!(refund.cost.get(), 8);
                }
            }
        }
    }

    #[test]
    fn a_text_is_read_as_an_array_is() {
        let [(request, _), ..] = requests();
        let requests = [request.clone(), request];
        let array = decode(&[7_000_009, 1, 2, 7_600_000, 0, 0, 7_000_009], &requests);

        let text = decode_text("7 9 1 2 7600000 0 0 7000009", &requests);

        assert!(array.is_some());
        assert_eq!(text, array);
    }

    #[test]
    fn a_text_that_is_no_reply_is_none() {
        let [(request, _), ..] = requests();
        assert!(decode_text("7 9 1 0 5", slice::from_ref(&request)).is_some());

        for bad in [
            "",
            "7",
            "7 9",
            "7 9 1 0",
            "7 9 1 0 ",
            "7 9 1 0 -5",
            "7 9 1 0 5.0",
            "7 9 1 0 +5",
            "7 9 1 0 5 6",
            "x 9 1 0 5",
            "99999999999999999999 9 1 0 5",
        ] {
            let reply = decode_text(bad, slice::from_ref(&request));
            assert_eq!(reply, None, "{bad:?}");
        }
        for other in [Value::Nil, Value::Int(1), Value::Array(Vec::new())] {
            assert_eq!(Decoded::new(&other, slice::from_ref(&request)), None);
        }
    }

    #[test]
    fn what_was_not_charged_is_not_given_back() {
        let [(request, _), ..] = requests();
        let reply = decode(&[1, 0, 0, 0], slice::from_ref(&request));

        let Some(Decoded::Replies(Replies { replies, .. })) = reply else {
            panic!("{reply:?}");
        };
        assert_eq!(replies[0].refund(&request), None);
    }

    #[test]
    fn a_time_beyond_the_calendar_is_sent_back() {
        let [(request, _), ..] = requests();
        let reply = decode(&[-1, 9_000_000], &[request]);

        assert_eq!(reply, Some(Decoded::OffCalendar(9 * SECOND)));
    }

    #[test]
    fn what_is_on_lease_is_not_counted_as_spent() {
        let [(request, _), ..] = requests();
        // Of five, one is charged and two are on lease.
        let reply = decode(&[0, 1, 2, 600_000], &[request]);

        let Some(Decoded::Replies(Replies { replies, .. })) = reply else {
            panic!("{reply:?}");
        };
        assert_eq!((replies[0].leased, replies[0].state.remaining()), (2, 4));
        assert_eq!(replies[0].state.reset(), SECOND / 5);
        let receipt = replies[0].receipt.unwrap();
        assert_eq!(receipt.full_at(), SECOND * 3 / 5);
    }

    #[test]
    fn the_newest_sub_window_is_that_of_the_servers_time() {
        let [_, (request, _), _] = requests();
        let step = SlidingWindow::sub_window(&request.quota);
        let now = i64::try_from(micros(7 * step + step / 2)).unwrap();
        let counts = [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        let reply: Vec<i64> = [now, 1, 0].into_iter().chain(counts).collect();

        let reply = decode(&reply, &[request]);

        let Some(Decoded::Replies(Replies { replies, .. })) = reply else {
            panic!("{reply:?}");
        };
        let window =
            SlidingWindow::new(counts.map(|count| u32::try_from(count).unwrap()), 19 * step);
        assert_eq!(replies[0].account, Account::Window(window));
    }
}
