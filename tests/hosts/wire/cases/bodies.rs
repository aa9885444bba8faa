//! Bodies: those that nobody reads, and those of responses that are more than some bytes.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body::Frame;
use http_body_util::StreamBody;
use tower_edge_tests::Protocol;

use crate::cases::refusals::rejected;
use crate::host::Trial;
use crate::link::Link;
use crate::response::{Checked, ensure};

/// A rejected request is read to its end, so that the next one is understood.
pub(crate) async fn small_unread(trial: &Trial<'_>) -> Checked {
    let mut link = trial.open().await;
    for call in trial.of([&trial.host.upload]) {
        let call = call.with_body(vec![b'x'; 60_000]).outdated();
        rejected(&mut link, &call, call.outcomes.outdated).await?;
        trial.is_usable(&mut link).await?;
    }
    Ok(())
}

/// The response arrives; HTTP/1.1 then needs another connection, HTTP/2 does not.
pub(crate) async fn large_unread(trial: &Trial<'_>) -> Checked {
    for call in trial.of([&trial.host.upload]) {
        let mut link = trial.open().await;
        let call = call.with_body(vec![b'x'; 1 << 20]).outdated();
        let response = link.send(&call).await?.check(call.outcomes.outdated)?;
        let response = response.check_rejection(call.outcomes.content_type)?;
        match &link {
            // https://www.rfc-editor.org/rfc/rfc9112#section-9.6
            Link::Http1(_) => ensure!(response.closes(), "not said to close: {response:?}"),
            Link::Http2(..) => trial.is_usable(&mut link).await?,
        }
    }
    Ok(())
}

/// A rejected request in chunks, with a trailer section.
pub(crate) async fn unread_trailers(trial: &Trial<'_>) -> Checked {
    for call in trial.of([&trial.host.upload]) {
        let mut link = trial.open().await;
        let call = call.outdated();
        let response = match &mut link {
            Link::Http1(http1) => {
                let head = call.head(&call.path, "HTTP/1.1", trial.address);
                let body = "5\r\nhello\r\n0\r\nx-checksum: 7\r\n\r\n";
                let request = format!("{head}transfer-encoding: chunked\r\n\r\n{body}");
                http1.exchange(request.as_bytes(), &call.method).await
            }
            Link::Http2(..) => {
                let mut trailers = HeaderMap::new();
                trailers.insert("x-checksum", 7.into());
                let frames = [Frame::data(Bytes::from("hello")), Frame::trailers(trailers)];
                let frames = tokio_stream::iter(frames.map(Ok::<_, Infallible>));
                link.send_stream(&call, StreamBody::new(frames)).await
            }
        };
        let response = response?.check(call.outcomes.outdated)?;
        ensure!(!response.closes(), "it closes: {response:?}");
        trial.is_usable(&mut link).await?;
    }
    Ok(())
}

pub(crate) async fn trailers(trial: &Trial<'_>) -> Checked {
    let mut link = trial.open().await;
    for call in trial.of(&trial.host.trailers) {
        // https://www.rfc-editor.org/rfc/rfc9110#section-10.1.4
        let call = call.with("te", "trailers");
        let response = link.send(&call).await?.check(call.outcomes.allowed)?;
        let checksum = ("x-checksum".to_owned(), "7".to_owned());
        ensure!(
            response.trailers == [checksum],
            "other trailers: {response:?}"
        );
        trial.is_usable(&mut link).await?;
    }
    Ok(())
}

pub(crate) async fn unknown_length(trial: &Trial<'_>) -> Checked {
    let mut link = trial.open().await;
    for call in trial.of(&trial.host.stream) {
        let response = link.send(&call).await?.check(call.outcomes.allowed)?;
        let lengths = response.values("content-length");
        ensure!(lengths.is_empty(), "a length: {response:?}");
        ensure!(response.body == b"first second", "cut: {response:?}");
        trial.is_usable(&mut link).await?;
    }
    Ok(())
}

/// tower-http's layer stands outside of ours.
pub(crate) async fn compression(trial: &Trial<'_>) -> Checked {
    let mut link = trial.open().await;
    let large = trial.of(&trial.host.large);
    let rejected = trial.calls().into_iter().map(|call| {
        let is_compressed = call.outcomes.content_type.ends_with("json");
        (is_compressed, call.outcomes.outdated, call.outdated())
    });
    let large = large
        .into_iter()
        .map(|call| (true, call.outcomes.allowed, call));
    for (is_compressed, outcome, call) in large.chain(rejected) {
        let call = call.with("accept-encoding", "gzip");
        let response = link.send(&call).await?.check(outcome)?;
        if is_compressed {
            let encoding = response.values("content-encoding");
            ensure!(encoding == ["gzip"], "not compressed: {response:?}");
            response.content()?;
            let mut vary = response.values("vary").into_iter();
            let varies = vary.any(|value| value.contains("accept-encoding"));
            ensure!(varies, "no Vary: {response:?}");
        }
        if call.method == Method::GET && trial.protocol == Protocol::Http1 {
            let call = call.with_method(Method::HEAD);
            link.send(&call).await?.check(outcome)?;
        }
        trial.is_usable(&mut link).await?;
    }
    Ok(())
}
