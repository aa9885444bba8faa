use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::{Instant, sleep, timeout};

use super::exchange::{ask, check, metric};
use super::redis::{Outage, Redis};
use crate::cases::{Ask, Case, QUOTA, SHARED_LIMITED, SHARED_MEDIUM, Target, draw};
use crate::message::NoResponse;
use crate::report::{Protocol, Report};
use crate::server::Shown;
use crate::soak::Soak;

/// Two gateways that share their limit, and the server that they share it by.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) soak: Arc<Soak>,
    /// The near one, and the distant one, whose network to Redis may fail.
    pub(crate) servers: [Shown; 2],
    pub(crate) redis: Redis,
}

impl Shared {
    /// Lets each outage happen in turn, for this long and at least once. Each request has to be allowed or rejected
    /// meanwhile, by the limit that both share or by a share of each gateway's own.
    ///
    /// Returns itself, as the gateways need Redis for as long as they have clients.
    pub(crate) async fn redis_fails(mut self, time: Duration) -> Self {
        let started = Instant::now();
        for (count, (name, outage)) in Outage::ALL.into_iter().cycle().enumerate() {
            if count >= Outage::ALL.len() && started.elapsed() >= time {
                break;
            }
            let round = timeout(ROUND, self.outage(name, outage, count == 0)).await;
            let failed = match round {
                Ok(Ok(())) => continue,
                Ok(Err(NoResponse { cause, .. })) => cause,
                Err(late) => late.to_string(),
            };
            let kind = format!("shared limit: no end of: {name}");
            self.soak.report.fault(kind, failed);
            break;
        }
        self
    }

    async fn outage(
        &mut self,
        name: &str,
        outage: Outage,
        is_first: bool,
    ) -> Result<(), NoResponse> {
        self.together().await?;
        self.redis.begin(outage);
        match outage {
            Outage::Restarted => {}
            Outage::Network(_) => self.until_lost(&self.servers[1..], name).await?,
            _ => self.until_lost(&self.servers, name).await?,
        }
        if is_first {
            while self.servers.iter().any(|server| server.redis_lines() == 0) {
                self.ask_both(name).await;
            }
        }
        if outage != Outage::Restarted {
            self.alone(name, matches!(outage, Outage::Network(_)))
                .await?;
        }
        self.redis.end(outage);
        self.until_back().await
    }

    /// While Redis decides, the gateways allow one quota between them, and one more for each decision without it.
    async fn together(&self) -> Result<(), NoResponse> {
        let before = self.fallbacks().await?;
        let [near, distant] = self.admitted("Redis there").await;
        let late = self.fallbacks().await? - before;
        let admitted = near + distant;
        if admitted < QUOTA || f64::from(admitted) > f64::from(QUOTA + CLOCK) + late {
            let example =
                format!("{near} and {distant} of {QUOTA}, with {late} decisions without Redis");
            self.soak.report.fault("shared limit: is not kept", example);
        }
        Ok(())
    }

    /// Without it, each that is cut off allows one quota by itself.
    async fn alone(&self, name: &str, is_near_served: bool) -> Result<(), NoResponse> {
        let [server, _] = &self.servers;
        let before = metric(server, FALLBACKS).await?;
        let [near, distant] = self.admitted(name).await;
        let late = match is_near_served {
            true => metric(server, FALLBACKS).await? - before,
            false => 0.0,
        };
        let own = QUOTA..=QUOTA + CLOCK;
        // Redis may have charged what the other one has requested in vain.
        let is_near_right = match is_near_served {
            true => f64::from(near) <= f64::from(QUOTA + CLOCK) + late,
            false => own.contains(&near),
        };
        if !is_near_right || !own.contains(&distant) {
            let example = format!("{name}: {near} and {distant} of {QUOTA} each");
            let kind = "shared limit: a gateway alone does not keep its share";
            self.soak.report.fault(kind, example);
        }
        Ok(())
    }

    /// How many requests of a new client each of them allows, which asks both in turn for more than it may have.
    async fn admitted(&self, during: &str) -> [u32; 2] {
        let key = format!("client-{}", self.soak.number());
        let mut admitted = [0; 2];
        for _ in 0..QUOTA + 5 {
            for (target, admitted) in [Target::Near, Target::Distant]
                .into_iter()
                .zip(&mut admitted)
            {
                *admitted += u32::from(self.is_allowed(target, during, Some(&key)).await);
            }
        }
        admitted
    }

    async fn ask_both(&self, during: &str) {
        for target in [Target::Near, Target::Distant] {
            self.is_allowed(target, during, None).await;
        }
        sleep(PAUSE).await;
    }

    /// Whether the request is allowed, of this client or of a new one.
    async fn is_allowed(&self, target: Target, during: &str, key: Option<&str>) -> bool {
        let soak = &self.soak;
        let mut rng = Rng::new();
        let (Some(mut allowed), Some(mut limited)) = (
            drawn(SHARED_MEDIUM, target, &mut rng, soak.number()),
            drawn(SHARED_LIMITED, target, &mut rng, soak.number()),
        ) else {
            return false;
        };
        if let Some(key) = key {
            let fields = &mut allowed.request.fields;
            let of_key = fields.iter_mut().find(|(name, _)| *name == "x-api-key");
            if let Some((_, value)) = of_key {
                key.clone_into(value);
            }
        }
        let exchanged = ask(soak, &allowed, Protocol::Http1).await;
        let is_limited = exchanged
            .as_ref()
            .is_ok_and(|response| response.status == 429);
        if is_limited {
            limited.prefix = allowed.prefix;
            limited.id = allowed.id.take();
            check(soak, during, &limited, Protocol::Http1, &exchanged);
        } else {
            check(soak, during, &allowed, Protocol::Http1, &exchanged);
        }
        !is_limited
    }

    async fn until_lost(&self, servers: &[Shown], during: &str) -> Result<(), NoResponse> {
        for server in servers {
            while metric(server, OPEN_BREAKERS).await? < 0.5 {
                self.ask_both(during).await;
            }
        }
        Ok(())
    }

    /// Until both decide by Redis, and have logged that it is back.
    async fn until_back(&self) -> Result<(), NoResponse> {
        for server in &self.servers {
            while metric(server, OPEN_BREAKERS).await? > 0.5 || server.redis_lines() % 2 == 1 {
                self.ask_both("Redis coming back").await;
            }
        }
        Ok(())
    }

    async fn fallbacks(&self) -> Result<f64, NoResponse> {
        let [near, distant] = &self.servers;
        Ok(metric(near, FALLBACKS).await? + metric(distant, FALLBACKS).await?)
    }
}

fn drawn(cases: &'static [Case], target: Target, rng: &mut Rng, number: u64) -> Option<Ask> {
    std::iter::repeat_with(|| draw(cases, rng, number))
        .take(1000)
        .flatten()
        .find(|ask| ask.case.target == target)
}

/// There is one warning for each loss, and one line that says that Redis is back.
pub(crate) fn check_log(name: &str, lines: &[String], report: &Report) {
    let is_right = |(index, line): (usize, &String)| match index % 2 {
        0 => line.contains("WARN") && line.contains(LOST),
        _ => line.contains("INFO") && line.contains(BACK),
    };
    let is_whole = !lines.is_empty() && lines.len().is_multiple_of(2);
    if !is_whole || !lines.iter().enumerate().all(is_right) {
        let example = lines.join(" | ");
        report.fault(format!("{name}: the log of Redis is wrong"), example);
    }
}

const BACK: &str = "the Redis server is back";
/// What may come back of a quota of an hour while a client asks.
const CLOCK: u32 = 1;
const FALLBACKS: &str = "tower_edge_redis_fallbacks_total";
const LOST: &str = "the Redis server is lost";
const OPEN_BREAKERS: &str = "tower_edge_redis_breakers_open";
/// Longer than anything takes in which Redis is lost and back.
const ROUND: Duration = Duration::from_secs(100);
const PAUSE: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use super::*;

    fn is_right(lines: &[&str]) -> bool {
        let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
        let report = Report::default();
        check_log("near", &lines, &report);
        report.is_clean()
    }

    #[test]
    fn a_log_has_a_warning_and_a_line_for_each_outage() {
        let lost = "2026 WARN tower_edge_redis: the Redis server is lost: limits are";
        let back = "2026 INFO tower_edge_redis: the Redis server is back: limits are";

        assert!(is_right(&[lost, back]));
        assert!(is_right(&[lost, back, lost, back]));
        for wrong in [
            &[][..],
            &[lost],
            &[back],
            &[lost, lost],
            &[back, lost],
            &[lost, back, back],
        ] {
            assert!(!is_right(wrong), "{wrong:?}");
        }
    }
}
