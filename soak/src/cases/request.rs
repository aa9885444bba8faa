use bytes::Bytes;
use fastrand::Rng;

use super::{Body, Case, Prefix, Target, Under, json_rpc};
use crate::message::Request;

/// A request that was drawn, and what it was drawn from.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) case: &'static Case,
    pub(crate) prefix: Prefix,
    /// The correlation id that is sent.
    pub(crate) id: Option<String>,
    pub(crate) request: Request,
}

impl Ask {
    /// The name of the case, with what of the request may matter besides.
    pub(crate) fn name(&self) -> String {
        match (self.case.body, self.request.body.len()) {
            (Body::Unread, 1..) => format!("{}, unread body", self.case.name),
            _ => self.case.name.to_owned(),
        }
    }
}

/// Draws one of the cases, by their weights, in one of its variants. The number is of this request alone.
pub(crate) fn draw(cases: &'static [Case], rng: &mut Rng, number: u64) -> Option<Ask> {
    let weights: usize = cases.iter().map(|case| case.weight).sum();
    let mut at = rng.usize(..weights);
    let case = cases
        .iter()
        .find(|case| match at.checked_sub(case.weight) {
            Some(rest) => {
                at = rest;
                false
            }
            None => true,
        })?;
    let prefixes = match case.under {
        Under::All => &Prefix::ALL,
        Under::Only(prefixes) => prefixes,
    };
    let prefix = *rng.choice(prefixes)?;
    let mut ask = Ask {
        case,
        prefix,
        id: rng.bool().then(|| format!("soak-{number}")),
        request: Request {
            method: case.method,
            path: format!("{}{}", prefix.path(), case.path),
            fields: case
                .fields
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            body: body(case.body, rng),
            chunked: rng.u8(..8) == 0,
        },
    };
    let fields = &mut ask.request.fields;
    if let Some(id) = &ask.id {
        fields.push((*rng.choice(&ID_FIELDS)?, id.clone()));
    }
    let key = match case.target {
        Target::Spent => SPENT_KEY.to_owned(),
        // Somebody new, whose limit is whole.
        Target::Near | Target::Distant => format!("new-{number}"),
        _ => format!("soak-{}", rng.u8(..KEYS)),
    };
    fields.push(("x-api-key", key));
    if case.outdated || rng.bool() {
        let version = match (case.outdated, prefix) {
            (true, Prefix::Plexichat) => "a.0.9-1",
            (true, _) => "1.1.9",
            (false, Prefix::Plexichat) => "a.1.0-2",
            (false, _) => "1.3.0",
        };
        fields.push(("x-client-version", version.to_owned()));
    }
    Some(ask)
}

fn body(body: Body, rng: &mut Rng) -> Bytes {
    let spaces = |length: usize| Bytes::from(vec![b' '; length]);
    match body {
        Body::Empty => Bytes::new(),
        Body::Text(text) => Bytes::from_static(text.as_bytes()),
        // Most are small, or there would be time for nothing else.
        Body::Unread => match rng.u8(..64) {
            0..32 => Bytes::new(),
            32..56 => spaces(rng.usize(2..4 * KIB)),
            56..60 => spaces(rng.usize(4 * KIB..64 * KIB)),
            60..63 => spaces(rng.usize(64 * KIB..256 * KIB)),
            _ => spaces(rng.usize(256 * KIB..=1024 * KIB)),
        },
        Body::Oversized => match rng.u8(..4) {
            0..3 => spaces(rng.usize(64 * KIB + 1..128 * KIB)),
            _ => spaces(rng.usize(128 * KIB..=1024 * KIB)),
        },
        Body::Pings(count) => Bytes::from(json_rpc::pings(count)),
    }
}

/// The key whose limit has been spent.
pub(crate) const SPENT_KEY: &str = "spent";
const ID_FIELDS: [&str; 2] = ["x-correlation-id", "x-request-id"];
/// Few, so that the memory that counts them does not grow.
const KEYS: u8 = 16;
const KIB: usize = 1024;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cases::{BUSY, PATIENT};

    #[test]
    fn draws_every_case_in_time() {
        for cases in [BUSY, PATIENT] {
            let mut rng = Rng::with_seed(7);

            let asks = (0..10_000).filter_map(|number| draw(cases, &mut rng, number));
            let drawn: BTreeSet<_> = asks.map(|ask| ask.case.name).collect();

            assert_eq!(drawn.len(), cases.len());
        }
    }

    #[test]
    fn a_key_is_refused_where_its_limit_is_spent_and_nowhere_else() {
        let mut rng = Rng::with_seed(7);

        for ask in (0..1_000).filter_map(|number| draw(BUSY, &mut rng, number)) {
            let key = ("x-api-key", SPENT_KEY.to_owned());
            let is_spent = ask.request.fields.contains(&key);

            assert_eq!(is_spent, ask.case.target == Target::Spent, "{ask:?}");
        }
    }
}
