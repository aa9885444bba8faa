//! What only HTTP/1 has.

use http::Method;

use crate::call::Call;
use crate::host::Trial;
use crate::link::{Http1, Link};
use crate::response::{Checked, ensure};

/// <https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2>
pub(crate) async fn pipelined(trial: &Trial<'_>) -> Checked {
    let mut link = trial.open().await;
    let Link::Http1(http1) = &mut link else {
        return Ok(());
    };
    for call in trial.calls() {
        let upload = trial.host.upload.clone().outdated();
        let requests = [
            (call.clone(), call.outcomes.allowed),
            (call.clone().outdated(), call.outcomes.outdated),
            // Its body is not read.
            (upload.clone(), upload.outcomes.outdated),
            (call.clone(), call.outcomes.allowed),
        ];
        let bytes = requests.iter().map(|(call, _)| call.bytes(trial.address));
        http1.write(&bytes.collect::<Vec<_>>().concat()).await?;
        for (call, outcome) in requests {
            http1.read(&call.method).await?.check(outcome)?;
        }
    }
    Ok(())
}

/// As a proxy may send it (<https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2>).
pub(crate) async fn absolute_form(trial: &Trial<'_>) -> Checked {
    let mut link = trial.open().await;
    let Link::Http1(http1) = &mut link else {
        return Ok(());
    };
    for call in trial.calls() {
        let target = format!("http://{}{}", trial.address, call.path);
        for (call, outcome) in [
            (call.clone(), call.outcomes.allowed),
            (call.clone().outdated(), call.outcomes.outdated),
        ] {
            let bytes = framed(&call, &call.head(&target, "HTTP/1.1", trial.address));
            http1.exchange(&bytes, &call.method).await?.check(outcome)?;
        }
    }
    Ok(())
}

/// <https://www.rfc-editor.org/rfc/rfc9112#appendix-C.2>
pub(crate) async fn version_1_0(trial: &Trial<'_>) -> Checked {
    if let Link::Http2(..) = trial.open().await {
        return Ok(());
    }
    let streams = trial.of(&trial.host.stream);
    for call in trial.calls().into_iter().chain(streams) {
        for (call, outcome) in [
            (call.clone(), call.outcomes.allowed),
            (call.clone().outdated(), call.outcomes.outdated),
        ] {
            let mut http1 = Http1::open(trial.address).await;
            let bytes = framed(&call, &call.head(&call.path, "HTTP/1.0", trial.address));
            let response = http1.exchange(&bytes, &call.method).await?.check(outcome)?;
            ensure!(response.version == "HTTP/1.0", "{}", response.version);
            http1.ends().await?;
        }
    }
    Ok(())
}

/// The client asks for a connection that stays (<https://www.rfc-editor.org/rfc/rfc9112#appendix-C.2.2>).
pub(crate) async fn kept_1_0(trial: &Trial<'_>) -> Checked {
    if let Link::Http2(..) = trial.open().await {
        return Ok(());
    }
    for call in trial.calls() {
        for (call, outcome) in [
            (call.clone(), call.outcomes.allowed),
            (call.clone().outdated(), call.outcomes.outdated),
        ] {
            let call = call.with("connection", "keep-alive");
            let mut http1 = Http1::open(trial.address).await;
            let bytes = framed(&call, &call.head(&call.path, "HTTP/1.0", trial.address));
            let response = http1.exchange(&bytes, &call.method).await?;
            let response = response.check(outcome)?;
            let options = response.values("connection").join(", ");
            // A body without a length ends with the connection, whatever hyper says.
            if options.contains("keep-alive") && !response.values("content-length").is_empty() {
                http1.exchange(&bytes, &call.method).await?;
            } else {
                http1.ends().await?;
            }
            // https://www.rfc-editor.org/rfc/rfc9110#section-7.8-10
            let upgrades = response.values("upgrade").is_empty();
            ensure!(upgrades || options.contains("upgrade"), "{response:?}");
        }
    }
    Ok(())
}

/// The client asks for a connection that closes (<https://www.rfc-editor.org/rfc/rfc9112#section-9.6>).
pub(crate) async fn close(trial: &Trial<'_>) -> Checked {
    for call in trial.calls() {
        for (call, outcome) in [
            (call.clone(), call.outcomes.allowed),
            (call.clone().outdated(), call.outcomes.outdated),
        ] {
            let Link::Http1(mut http1) = trial.open().await else {
                return Ok(());
            };
            let call = call.with("connection", "close");
            let bytes = call.bytes(trial.address);
            let response = http1.exchange(&bytes, &call.method).await?;
            let response = response.check(outcome)?;
            ensure!(response.closes(), "not said to close: {response:?}");
            http1.ends().await?;
        }
    }
    Ok(())
}

/// Where the server switches to nothing, it ignores the field.
pub(crate) async fn upgrade(trial: &Trial<'_>) -> Checked {
    let Link::Http1(mut http1) = trial.open().await else {
        return Ok(());
    };
    let Some(upgrade) = &trial.host.upgrade else {
        let call = trial.calls()[0].clone();
        let call = call.with("connection", "upgrade").with("upgrade", "echo");
        let bytes = call.bytes(trial.address);
        let response = http1.exchange(&bytes, &call.method).await?;
        response.check(call.outcomes.allowed)?;
        return Ok(());
    };
    let call = &upgrade.call;
    http1.write(&call.bytes(trial.address)).await?;
    let response = http1.read(&call.method).await?.check("101")?;
    let switched = [response.values("upgrade"), response.values("connection")].concat();
    let switches = switched.len() == 2 && switched[1].eq_ignore_ascii_case("upgrade");
    ensure!(switches, "not switched: {response:?}");
    http1.write(&upgrade.sent).await?;
    let received = http1.read_bytes(upgrade.received.len()).await?;
    ensure!(received == upgrade.received, "{received:?}");
    Ok(())
}

fn framed(call: &Call, head: &str) -> Vec<u8> {
    let length = call.body.len();
    let framing = if call.method == Method::GET {
        String::new()
    } else {
        format!("content-length: {length}\r\n")
    };
    [format!("{head}{framing}\r\n").as_bytes(), &call.body].concat()
}
