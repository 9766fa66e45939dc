/// A rule that the switchboard plugin breaks when it is told to, by its name in MORTISE_DEFECT.
public enum Defect: String, CaseIterable, Sendable {
  // Frames and streams.
  case closesOnSplitHeaders, failsBeyondSixtyFourRequestsARead, refusesLongestFrame
  case hangsUpOnLongFrames, diesOfGarbage, diesOfCutOffFrames, hangsUpOnUnknownKinds
  case hangsUpOnResponses, refusesUnknownFlags, refusesUnknownFields, refusesEmptyPayloads
  case servesEvenStreams, servesReusedStreams, servesFallingStreams, answersUnknownMethods
  case answersUnknownServices, hangsUpOnBadEnvelopes, takesBadMessagesForEmpty
  case refusesRemoteClosed, ignoresStrayData, takesClientStreams, givesNoReasons
  case diesOfUnreadAnswers, servesEveryUser
  // Introduction.
  case echoesNoNonce, takesTheFirstMajor, takesAnyMajor, describesItselfToStrangers
  case greetsOncePerProcess, agreesToEverything, hasNoInstance, greetsReplacedHosts
  case servesReplacedHosts, hasAnotherVersion, hasOddVersions, describesItselfAnew
  case hasBrokenSchema, namesATypeTwice, doesNotSayHowItActs, inventsCapabilities, hasNoHealth
  case convergesWithoutBeingADriver
  // Tasks.
  case findsFaultWithEverything, findsFaultWithNothing, ignoresRequiredParams, validatesByDoing
  case validatesUnknownTypes, answersWithoutOutcome, answersBrokenOutputs, guessesParams
  case takesBrokenParams, executesUnknownTypes, needsNoKey, actsInDryRuns, actsInRefusedDryRuns
  case setsBrokenIntents, repeatsPhases, forgetsWorkOfOtherConnections
  case tellsEverythingAgain, neverResets, takesOldCursors, doesNotWait, tellsNoSteps
  case runsEveryCall, runsCallsAtOnceTwice, keysByConnection, keysByParams, keysWithoutAttempt
  case runsOlderAttempts, cutsIDsShort, answersRepeatsDifferently, answersIntentsDifferently
  case ignoresCancel, endsCancelledWithoutOutcome, refusesUnknownCancels, refusesLateCancels
  case cancelsWhatEnded, recoversEndedAsCancelled
  case recoversCancelledAsRunning, ignoresEnvelopeDeadline, ignoresMessageDeadline
  case forgetsLateTasks, takesUnknownForRunning, forgetsWhatEnded, takesRunningForUnknown
  case recoversByDoing, diesOfBrokenHandles, recoversAnyHandleVersion, takesUnknownTypesForNew
  case refusesToForgetTwice, refusesRecoveryComplete, actsBeforeItsJournal, forgetsAtRestart,
    answersOtherwiseAfterRestart
  case recoversRunningWithoutReply, revertsNothing, revertsDifferentlyAgain
  case needsSomethingToRevert, forgetsReverts, pretendsToRevert
  // The driver.
  case namesAKindTwice, namesATargetTwice, failsSecondIntents, appliesOnlyOnce, observesGarbage
  case keepsWhatIsApplied, neverSaysAbsent, needsSomethingToRemove, answersVerifyBackwards
  case needsNoIntent, takesUnknownKinds, knowsEveryTarget, driverForgetsAtRestart
  // The process.
  case takesTwelveConnections, losesOneOfMany, failsBeyondItsLimit, leaksDescriptors
  case leaksMemory, leaksThreads
  case leaksConnections, failsOnLargeParams, diesOfOddParams, diesOfUnreadableMessages
  case logsBrokenJSON, cutsLogLines, diesOfFullPipes, staysAfterShutdown, exitsWithAFailure
  case dropsPollsAtShutdown, worksAfterShutdown, ignoresSignals, outlivesItsHost, leavesChildren

  /// Names the defect to the plugin.
  public static let variable = "MORTISE_DEFECT"

  /// Shows itself by what never comes, so that a case fails only when its patience is over.
  public var isSilent: Bool {
    switch self {
    case .ignoresCancel, .ignoresEnvelopeDeadline, .ignoresMessageDeadline, .neverSaysAbsent,
      .leaksConnections,
      .staysAfterShutdown, .ignoresSignals, .outlivesItsHost:
      true
    default: false
    }
  }
}
