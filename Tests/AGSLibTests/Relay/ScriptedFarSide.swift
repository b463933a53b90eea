import AGSWire
import NIOCore
import NIOPosix
import SystemPackage

@testable import AGSLib

/// What init does inside, in the test's process: dials what it is told to on 127.0.0.1.
struct ScriptedFarSide: Sendable {
  /// The control connection, on a thread that does not wait for commands.
  private let reports: TestSocket
  private let serving: Task<Void, Never>

  init(_ path: FilePath, on loop: any EventLoop) async throws {
    let control = try TestSocket(path)
    try await control.send(ChannelRequest.control.encoded())
    let reports = try await control.twin()
    let dialler = Dialler(path: path, loop: loop, reports: reports)
    self.reports = reports
    serving = Task {
      await withDiscardingTaskGroup { group in
        while true {
          do {
            let line = try await control.line()
            guard line.last == 0x0A else { return }
            switch try RelayCommand.decode(Array(line.dropLast())) {
            case .connect(let id, let port, _): group.addTask { await dialler.dial(port, id) }
            }
          } catch Errno.wouldBlock {
            // Nothing was wanted for long.
            continue
          } catch {
            return
          }
        }
      }
    }
  }

  /// Like init's death. Streams live on.
  func close() async {
    await reports.end()
    await serving.value
  }
}

private struct Dialler: Sendable {
  let path: FilePath
  let loop: any EventLoop
  let reports: TestSocket

  func dial(_ port: UInt16, _ id: String) async {
    do {
      let app = try await ForwardTarget.host(port).dial(on: loop)
      _ = try await connect(asking: .stream(id: id)) { peer, line in
        guard let answer = try? ChannelAnswer.decode(line), answer == .done else {
          app.close(promise: nil)
          return peer.close()
        }
        StreamPair.join(peer.channel, app)
      }
    } catch {
      // A control connection that has gone needs no report.
      try? await reports.send(RelayReport.refused(id: id, message: "nothing there").encoded())
    }
  }

  private func connect(
    asking request: ChannelRequest,
    receive: @escaping @Sendable (FramePeer, [UInt8]) -> Void
  ) async throws -> any Channel {
    let channel = try await ClientBootstrap(group: loop)
      .streamOptions()
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(FrameHandler(receive: receive))
        }
      }
      .connect(unixDomainSocketPath: path.string).get()
    try await channel.writeAndFlush(ByteBuffer(bytes: request.encoded()))
    return channel
  }
}
