internal import AGSWire
internal import NIOCore

/// The server behind `host/approvals.sock`: the user's other terminals and the other
/// sidecars. Never reachable from the sandbox. Hand `receive` to a `FrameServer`.
struct ApprovalService: Sendable {
  let queue: ApprovalQueue
  /// Whether dialogs and pages can be shown here.
  let hasDisplay: Bool
  let notifier: DesktopNotifier?
  /// Replays a pasted redirect, and says what came of it.
  let callback: @Sendable (String) async throws(ChannelFault) -> String

  /// Takes the one request of a connection. What it starts ends with the connection.
  func receive(_ peer: FramePeer, _ line: [UInt8]) {
    let request: ApprovalRequest
    do throws(ChannelFault) {
      request = try ApprovalRequest.decode(line)
    } catch {
      peer.fail(error)
      return
    }
    let task = Task {
      do {
        try await serve(request, peer)
      } catch {
        // The connection broke: there is nobody left to tell.
        peer.close()
      }
    }
    peer.closed.whenComplete { _ in task.cancel() }
  }

  /// Tells the user, wherever they look.
  func notice(_ text: String) async {
    await queue.notice(text)
    guard let notifier else { return }
    let title = "ags, session \(queue.session.id)"
    // Not waited for: the notification server may be slow.
    Task { await notifier.show(text, title: title) }
  }

  private func serve(_ request: ApprovalRequest, _ peer: FramePeer) async throws {
    switch request {
    case .list:
      peer.finish(ApprovalReply.state(await queue.state(hasDisplay: hasDisplay)).encoded())
    case .watch: try await watch(peer)
    case .answer(let id, let decision):
      peer.finish(await answer(id, decision).encoded())
    case .callback(let url):
      do throws(ChannelFault) {
        peer.finish(ApprovalReply.done(try await callback(url)).encoded())
      } catch {
        peer.fail(error)
      }
    case .ask(let question):
      let decision = await queue.ask(question) { peer.send(ApprovalReply.waiting.encoded()) }
      peer.finish(ApprovalReply.decision(decision).encoded())
    }
  }

  private func answer(_ id: String, _ decision: ApprovalDecision) async -> ApprovalReply {
    do throws(AnswerRefusal) {
      let question = try await queue.answer(id, decision, by: "command")
      let isShownHere = hasDisplay || question.kind != .open || decision != .allow
      return .answered(id: id, decision: decision, url: isShownHere ? nil : question.subject)
    } catch {
      return .refused(error)
    }
  }

  /// Each piece waits until the one before is on its way: a watcher that does not read, a
  /// stopped `ags approvals watch`, misses what changed meanwhile and fills no memory.
  private func watch(_ peer: FramePeer) async throws {
    var lastNotice = 0
    for await _ in await queue.changes() {
      var bytes = ApprovalReply.state(await queue.state(hasDisplay: hasDisplay)).encoded()
      for notice in await queue.notices where notice.number > lastNotice {
        bytes += ApprovalReply.notice(notice).encoded()
        lastNotice = notice.number
      }
      try await peer.channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }
    peer.close()
  }
}
