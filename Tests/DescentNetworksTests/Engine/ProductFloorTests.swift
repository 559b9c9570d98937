import Testing

@testable import DescentNetworks

@Suite struct ProductFloorTests {
  @Test func hasTheModelsProducts() throws {
    let mlp = try ModelCatalogue.model(named: "mlp", inputShape: [784], classCount: 10)
    let floor = try ProductFloor(of: mlp, batch: 3, threads: 1)
    // Forward and the weights' gradients of all layers, the inputs' gradients of all but the first.
    #expect(floor.multiplications == 3 * (2 * 784_000 + 3 * 1_000_000 + 3 * 10_000))
    try floor.step()
  }

  @Test func followsTheImagesThroughThePoolings() throws {
    let cnn = try ModelCatalogue.model(named: "cnn", inputShape: [32, 32, 3], classCount: 10)
    let floor = try ProductFloor(of: cnn, batch: 2, threads: 1)
    let convolutions = 2 * 1024 * 75 * 64 + 3 * 256 * 1600 * 64 + 3 * 64 * 1600 * 128
    #expect(floor.multiplications == 2 * (convolutions + 3 * 2048 * 1000 + 3 * 10_000))
    try floor.step()
  }
}
