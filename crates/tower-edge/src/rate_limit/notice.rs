use std::time::Duration;

use http::{HeaderMap, Response, StatusCode};
use smallvec::SmallVec;
use tower_edge_core::rate_limit::Standing;

use super::asked::Place;
use super::fields::Told;
use super::outcome::Outcome;
use super::{Limits, fields};

/// What an answer tells the client, kept until there is one.
#[derive(Clone, Debug)]
pub(super) enum Notice {
    /// In a box, so that those who are told of one policy have small futures.
    All(Box<Outcome>),
    Nothing,
    One(Limits, Place, Standing, Duration),
}

impl Notice {
    /// No more of the outcome than it takes to write the fields.
    pub(super) fn of(outcome: Outcome) -> Self {
        let Some((place, standing)) = outcome.strictest() else {
            return Self::Nothing;
        };
        let fields = outcome.limits.fields();
        let is_prepared = fields.ietf().is_none() || outcome.binds_as_prepared();
        if is_prepared && (outcome.asked.len() == 1 || !fields.tell_of_all()) {
            Self::One(outcome.limits, place, standing, outcome.unix)
        } else {
            Self::All(Box::new(outcome))
        }
    }

    /// Says in the fields of an answer from further in where the client stands.
    pub(super) fn tell<B>(&self, response: &mut Response<B>) {
        let status = response.status();
        self.write(status, response.headers_mut());
        let wait = match self {
            Self::All(outcome) => outcome
                .strictest()
                .and_then(|(_, standing)| standing.wait()),
            Self::Nothing => None,
            Self::One(_, _, standing, _) => standing.wait(),
        };
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            fields::lengthen_retry_after(response, wait);
        }
    }

    /// Says in the fields of an answer where the client stands.
    pub(super) fn write(&self, status: StatusCode, headers: &mut HeaderMap) {
        match self {
            Self::All(outcome) => write_all(outcome, status, headers),
            Self::Nothing => {}
            Self::One(limits, place, standing, unix) => {
                let Some((_, tier)) = limits.at(*place) else {
                    return;
                };
                let one = (&tier.fields, *standing);
                let told = Told {
                    all: &[one],
                    fields: limits.fields(),
                    policies: limits.policies(),
                    strictest: one,
                    unix: *unix,
                };
                told.write(status, headers);
            }
        }
    }
}

fn write_all(outcome: &Outcome, status: StatusCode, headers: &mut HeaderMap) {
    let limits = &outcome.limits;
    let told = |(place, standing)| Some((&limits.at(place)?.1.fields, standing));
    let Some(strictest) = outcome.strictest().and_then(told) else {
        return;
    };
    let all: SmallVec<[_; 4]> = outcome.binding().filter_map(told).collect();
    let fields = limits.fields();
    let composed = fields.ietf().filter(|_| !outcome.binds_as_prepared());
    let policies = all.iter().map(|(policy, _)| *policy);
    let composed = composed.map(|draft| fields::policies(draft, policies));
    let told = Told {
        all: &all,
        fields,
        policies: composed.as_ref().unwrap_or(limits.policies()),
        strictest,
        unix: outcome.unix,
    };
    told.write(status, headers);
}
