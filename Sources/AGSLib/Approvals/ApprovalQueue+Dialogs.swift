extension ApprovalQueue {
  /// Shows the next question's dialog, if none is up.
  func showNext() {
    guard dialog == nil, !renderers.isEmpty,
      let index = entries.firstIndex(where: { !$0.wasShown })
    else { return }
    entries[index].wasShown = true
    let number = entries[index].number
    let prompt = ApprovalPrompt(entries[index].question, of: session)
    let task = Task {
      await show(prompt, of: number)
      // Only now is it off the screen.
      dialog = nil
      showNext()
    }
    dialog = (number, task)
  }

  private func show(_ prompt: ApprovalPrompt, of number: Int) async {
    var failures: [String] = []
    for renderer in renderers {
      // Withdrawn before its window was made, or after one that failed.
      if Task.isCancelled { return }
      let shown = await renderer.show(prompt)
      if Task.isCancelled { return }
      let decision: ApprovalDecision
      switch shown {
      case .chosen(.allow): decision = .allow
      case .chosen(.proxy): decision = .proxy
      case .cancelled: decision = .deny(.user)
      case .failed(let reason):
        failures.append(reason)
        continue
      }
      do throws(AnswerRefusal) {
        _ = try answer(id(number), decision, by: renderer.name)
      } catch {
        // Decided elsewhere in the same moment: the first answer wins.
      }
      return
    }
    notice("no dialog could be shown, run ags approvals (\(failures.joined(separator: "; ")))")
  }
}
