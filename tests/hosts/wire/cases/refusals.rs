//! What is allowed, and each way in which a layer or the host rejects.

use bytes::Bytes;
use http::Method;
use http_body_util::channel::Channel;
use tower_edge_tests::Protocol;

use crate::call::{Call, key};
use crate::host::Trial;
use crate::link::Link;
use crate::response::{Checked, Response, ensure};
use crate::stack::FAULT;

pub(crate) async fn allowed(trial: &Trial<'_>) -> Checked {
    let mut link = trial.open().await;
    for call in trial.calls() {
        link.send(&call).await?.check(call.outcomes.allowed)?;
    }
    trial.is_usable(&mut link).await
}

pub(crate) async fn too_many(trial: &Trial<'_>) -> Checked {
    let mut link = trial.open().await;
    for call in trial.calls() {
        let spent = call.with("x-api-key", &key());
        link.send(&spent).await?.check(spent.outcomes.allowed)?;
        let response = rejected(&mut link, &spent, spent.outcomes.too_many).await?;
        let waits = response.values("retry-after");
        ensure!(waits.len() == 1, "retry-after {waits:?}: {response:?}");
        trial.is_usable(&mut link).await?;
    }
    Ok(())
}

pub(crate) async fn outdated(trial: &Trial<'_>) -> Checked {
    let mut link = trial.open().await;
    for call in trial.calls() {
        let call = call.outdated();
        let response = rejected(&mut link, &call, call.outcomes.outdated).await?;
        if response.status == 426 && trial.protocol == Protocol::Http1 {
            // https://www.rfc-editor.org/rfc/rfc9110#section-15.5.22
            ensure!(
                response.values("upgrade") == ["client/1.2.0"]
                    && response.values("connection") == ["upgrade"],
                "nothing to upgrade to: {response:?}"
            );
        }
        trial.is_usable(&mut link).await?;
    }
    Ok(())
}

pub(crate) async fn malformed_version(trial: &Trial<'_>) -> Checked {
    let mut link = trial.open().await;
    for call in trial.calls() {
        let call = call.with("x-client-version", "one");
        rejected(&mut link, &call, call.outcomes.malformed_version).await?;
        trial.is_usable(&mut link).await?;
    }
    Ok(())
}

/// Once the layers have let the request through.
pub(crate) async fn invalid(trial: &Trial<'_>) -> Checked {
    let mut link = trial.open().await;
    for call in trial.calls() {
        let call = call.with(FAULT, "invalid");
        rejected(&mut link, &call, call.outcomes.invalid).await?;
        trial.is_usable(&mut link).await?;
    }
    Ok(())
}

/// Once the layers have let the request through.
pub(crate) async fn unavailable(trial: &Trial<'_>) -> Checked {
    let mut link = trial.open().await;
    for call in trial.calls() {
        let call = call.with(FAULT, "unavailable");
        let response = rejected(&mut link, &call, call.outcomes.unavailable).await?;
        let waits = response.values("retry-after");
        ensure!(waits == ["120"], "retry-after {waits:?}: {response:?}");
        trial.is_usable(&mut link).await?;
    }
    Ok(())
}

pub(crate) async fn slow(trial: &Trial<'_>) -> Checked {
    let mut link = trial.open().await;
    for call in trial.of(&trial.host.slow) {
        rejected(&mut link, &call, call.outcomes.slow).await?;
        trial.is_usable(&mut link).await?;
    }
    Ok(())
}

pub(crate) async fn stalled_body(trial: &Trial<'_>) -> Checked {
    if trial.host.is_buffered {
        return Ok(());
    }
    for call in trial.of([&trial.host.upload]) {
        let mut link = trial.open().await;
        let response = match &mut link {
            Link::Http1(link) => {
                let mut bytes = call.bytes(link.address);
                bytes.pop();
                link.write(&bytes).await?;
                link.read(&call.method).await
            }
            Link::Http2(..) => {
                let (mut sender, body) = Channel::<Bytes>::new(1);
                let part = call.body.slice(..call.body.len() - 1);
                sender
                    .send_data(part)
                    .await
                    .map_err(|error| error.to_string())?;
                let length = call.body.len().to_string();
                let call = call.clone().with("content-length", &length);
                let response = link.send_stream(&call, body).await;
                drop(sender);
                response
            }
        };
        let response = response?.check(call.outcomes.stalled)?;
        let response = response.check_rejection(call.outcomes.content_type)?;
        match &mut link {
            // https://www.rfc-editor.org/rfc/rfc9110#section-15.5.9
            Link::Http1(link) => {
                ensure!(response.closes(), "not closed: {response:?}");
                link.ends().await?;
            }
            Link::Http2(..) => trial.is_usable(&mut link).await?,
        }
    }
    Ok(())
}

/// What the host itself rejects is in the format of the API too, unless the host has one.
pub(crate) async fn own(trial: &Trial<'_>) -> Checked {
    for (call, outcome, content_type) in &trial.host.own {
        for call in trial.of([call]) {
            let mut link = trial.open().await;
            let response = link.send(&call).await?.check(outcome)?;
            if !response.closes() {
                trial.is_usable(&mut link).await?;
            }
            response.check_rejection(content_type)?;
        }
    }
    Ok(())
}

/// <https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2>
pub(crate) async fn head(trial: &Trial<'_>) -> Checked {
    let mut link = trial.open().await;
    for call in trial.calls() {
        if call.method != Method::GET {
            continue;
        }
        for call in [call.clone(), call.outdated()] {
            let get = link.send(&call).await?;
            let call = call.with_method(Method::HEAD);
            let head = link.send(&call).await?.check(&get.outcome())?;
            ensure!(head.body.is_empty(), "a body: {head:?}");
            let lengths = [&head, &get].map(|response| response.values("content-length"));
            let is_same = lengths[0] == lengths[1];
            // A server may omit what it knows only once it has the body.
            let may_omit = get.status == 200 && lengths[0].is_empty();
            ensure!(is_same || may_omit, "{lengths:?}: {head:?}");
            trial.is_usable(&mut link).await?;
        }
    }
    Ok(())
}

/// A browser sends neither the key nor the version with it.
pub(crate) async fn preflight(trial: &Trial<'_>) -> Checked {
    let mut link = trial.open().await;
    for call in trial.calls() {
        let method = call.method.to_string();
        let mut call = call.with_method(Method::OPTIONS).with_body("");
        call.fields.retain(|(name, _)| *name == "origin");
        let call = call
            .with("access-control-request-method", &method)
            .with("access-control-request-headers", "x-client-version");
        let response = link.send(&call).await?.check("200")?;
        ensure!(response.body.is_empty(), "a body: {response:?}");
        trial.is_usable(&mut link).await?;
    }
    Ok(())
}

/// The response to a call that is rejected.
pub(crate) async fn rejected(link: &mut Link, call: &Call, outcome: &str) -> Checked<Response> {
    let response = link.send(call).await?.check(outcome)?;
    let response = response.check_rejection(call.outcomes.content_type)?;
    ensure!(!response.closes(), "it closes: {response:?}");
    Ok(response)
}
