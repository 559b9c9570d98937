/// The tests of one method: its cases, and as `@Test` functions its paper's claims. Each is a file in the folder `Methods`
/// that is called as the rule's is: `AdamTests.swift` for `Adam.swift`.
protocol MethodTests: SendableMetatype {
  /// The method with options that reach each of its paths, and for each the equations.
  static func cases<T: ReferenceScalar>() -> [MethodCase<T>]
}

/// The tests of every method.
private let methodTests: [any MethodTests.Type] = [
  SGDTests.self, MomentumTests.self, NesterovTests.self, SGDWTests.self, SignSGDTests.self, SignumTests.self,
  LionTests.self, QHMTests.self, ASGDTests.self, FTRLMomentumTests.self, MADGRADTests.self, RpropTests.self,
  ScheduleFreeSGDTests.self, AdaGradTests.self, RMSPropTests.self, AdaDeltaTests.self, RMSPropMomentumTests.self,
  CenteredRMSPropTests.self, DelayedAdaGradTests.self, BeckerLeCunTests.self, SchaulTests.self, VSGDTests.self,
  AdamTests.self, AdamWTests.self, AdaMaxTests.self, AMSGradTests.self, PadamTests.self, AdaBoundTests.self,
  AMSBoundTests.self, ScheduleFreeAdamWTests.self, AdamNCTests.self, GenericAdamTests.self, NadamTests.self,
  QHAdamTests.self, YogiTests.self, AdanTests.self, AdEMAMixTests.self, ADOPTTests.self, AdaModTests.self,
  RAdamTests.self, AdaBeliefTests.self, DiffGradTests.self, AdamInjectTests.self, DiffGradInjectTests.self,
  RAdamInjectTests.self, AdaBeliefInjectTests.self, ACPropTests.self, LARSTests.self, LAMBTests.self,
  NovoGradTests.self, SM3Tests.self, AdaShiftTests.self, AdafactorTests.self, AdaGradNormTests.self,
  DelayedAdaGradNormTests.self, FTRLMomentumNormTests.self, SWATSTests.self, ProdigyTests.self, DAdaptAdamTests.self,
  DAdaptSGDTests.self, MuonTests.self, SOAPTests.self, ShampooTests.self,
]

/// The cases of every method.
func allCases<T: ReferenceScalar>(_: T.Type = T.self) -> [MethodCase<T>] { methodTests.flatMap { $0.cases() } }
