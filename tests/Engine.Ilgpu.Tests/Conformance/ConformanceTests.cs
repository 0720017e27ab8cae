namespace IlgpuSpp.Engine.Ilgpu.Tests.Conformance;

/// <summary>Every case of the list on every device there is.</summary>
[Collection("devices")]
public sealed class ConformanceTests
{
    public static TheoryData<string> Operations { get; } = [.. OpCases.Small.Select(Operation).Distinct()];

    public static TheoryData<string> RealCases { get; } = [.. OpCases.Real.Select(c => c.Name)];

    [Theory, MemberData(nameof(Operations))]
    public void OnTheCpu(string operation) => CheckSmall(operation, OpenDevices.Get("cpu"));

    [DeviceTheory("ilgpu-cpu"), MemberData(nameof(Operations))]
    public void OnTheSimulator(string operation) => CheckSmall(operation, OpenDevices.Get("ilgpu-cpu"));

    [DeviceTheory("opencl"), MemberData(nameof(Operations))]
    public void OnOpenCl(string operation) => CheckSmall(operation, OpenDevices.Get("opencl"));

    [DeviceTheory("cuda"), MemberData(nameof(Operations))]
    public void OnCuda(string operation) => CheckSmall(operation, OpenDevices.Get("cuda"));

    [DeviceTheory("opencl"), MemberData(nameof(RealCases))]
    public void RealShapesOnOpenCl(string name) => CheckReal(name, OpenDevices.Get("opencl"));

    [DeviceTheory("cuda"), MemberData(nameof(RealCases))]
    public void RealShapesOnCuda(string name) => CheckReal(name, OpenDevices.Get("cuda"));

    // One test an operation: a card without memory or a kernel that does not compile fails once, not for every shape.
    private static void CheckSmall(string operation, Backend backend)
    {
        foreach (OpCase c in OpCases.Small.Where(c => Operation(c) == operation)) OpCases.Check(c, backend, c.Reference!(), c.Tolerance);
    }

    private static void CheckReal(string name, Backend backend)
    {
        OpCase c = OpCases.Real.Single(c => c.Name == name);
        using var bench = new Bench(OpenDevices.ExactCpu);
        OpCases.Check(c, backend, [.. c.Run(bench).Select(Values.ToDouble)], c.Tolerance);
    }

    private static string Operation(OpCase c) => c.Name.Split(' ')[0];
}
