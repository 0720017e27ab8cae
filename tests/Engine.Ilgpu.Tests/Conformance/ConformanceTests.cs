using IlgpuSpp.Ops;

namespace IlgpuSpp.Engine.Ilgpu.Tests.Conformance;

/// <summary>The table of operations on every device there is.</summary>
[Collection("devices")]
public sealed class ConformanceTests
{
    public static TheoryData<string> Operations { get; } = [.. OpCases.Small.Select(c => c.Operation).Distinct()];

    public static TheoryData<string> RealCases { get; } = [.. OpCases.Real.Select(c => c.Name)];

    [Theory, MemberData(nameof(Operations))]
    public void OnTheCpu(string operation) => CheckSmall(operation, "cpu");

    [DeviceTheory("ilgpu-cpu"), MemberData(nameof(Operations))]
    public void OnTheSimulator(string operation) => CheckSmall(operation, "ilgpu-cpu");

    [DeviceTheory("any-opencl"), MemberData(nameof(Operations))]
    public void OnOpenCl(string operation) => CheckSmall(operation, "any-opencl");

    [DeviceTheory("cuda"), MemberData(nameof(Operations))]
    public void OnCuda(string operation) => CheckSmall(operation, "cuda");

    [DeviceTheory("any-opencl"), MemberData(nameof(RealCases))]
    public void RealShapesOnOpenCl(string name) => CheckReal(name, "any-opencl");

    [DeviceTheory("cuda"), MemberData(nameof(RealCases))]
    public void RealShapesOnCuda(string name) => CheckReal(name, "cuda");

    [Fact]
    public void TheCpuRefuses() => CheckRefusals("cpu");

    [DeviceFact("ilgpu-cpu")]
    public void TheSimulatorRefuses() => CheckRefusals("ilgpu-cpu");

    [DeviceFact("any-opencl")]
    public void OpenClRefuses() => CheckRefusals("any-opencl");

    [DeviceFact("cuda")]
    public void CudaRefuses() => CheckRefusals("cuda");

    // One test an operation: a card without memory or a kernel that does not compile fails once, not for every shape.
    private static void CheckSmall(string operation, string device)
    {
        Backend backend = OpenDevices.Get(device);
        IndexAssertions.Take();
        Assert.Empty(OpCases.Small.Where(c => c.Operation == operation).Select(c => c.Miss(backend, OpenDevices.ExactCpu)).OfType<string>());
        Assert.Empty(IndexAssertions.Take());
    }

    private static void CheckReal(string name, string device) =>
        Assert.Null(OpCases.Real.Single(c => c.Name == name).Miss(OpenDevices.Get(device), OpenDevices.ExactCpu));

    private static void CheckRefusals(string device) =>
        Assert.Empty(Refusals.All.Select(refusal => refusal.Miss(OpenDevices.Get(device))).OfType<string>());
}
