using System.Diagnostics;
using IlgpuSpp;
using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Ilgpu.Tests.Conformance;

// usage: Gpu DEVICE PRECISION: every operation case on the device against its reference, then products of ZF-5 timed.
string name = args.Length > 0 ? args[0] : "cuda";
Precision precision = args.Length > 1 ? Enum.Parse<Precision>(args[1], ignoreCase: true) : Precision.Fp32;
using Backend backend = Device.Open(name, new DeviceOptions { Precision = precision });
using Backend cpu = Device.Open("cpu", new DeviceOptions { ExactConvolution = true });
Console.WriteLine($"{backend.Device.Name}: {backend.Device.Hardware}, {precision}");

// Rounding factors moves products by about 2^-11 (tf32) or 2^-8 (bf16) of the largest result.
double floor = precision switch { Precision.Bf16 => 1e-2, Precision.Tf32 => 2e-3, _ => 0 };
int failed = 0;
foreach (OpCase c in OpCases.Small.Concat(OpCases.Real))
{
    bool product = c.Name.StartsWith("Gemm", StringComparison.Ordinal) || c.Name.StartsWith("Linear", StringComparison.Ordinal) || c.Name.StartsWith("Conv", StringComparison.Ordinal);
    try
    {
        using var bench = new Bench(cpu);
        double[][] expected = c.Reference?.Invoke() ?? [.. c.Run(bench).Select(Values.ToDouble)];
        OpCases.Check(c, backend, expected, product ? Math.Max(c.Tolerance, floor) : c.Tolerance);
    }
    catch (Exception error) when (error is DeviceException or Xunit.Sdk.XunitException)
    {
        failed++;
        Console.WriteLine($"FAILED {error.Message}");
    }
}
Console.WriteLine($"{OpCases.Small.Count + OpCases.Real.Count - failed} cases passed, {failed} failed.");

foreach (var (batch, size, inputs, outputs, kernel, stride, pad) in ((int, int, int, int, int, int, int)[])
[
    (128, 224, 3, 96, 7, 2, 1), (128, 55, 96, 256, 5, 2, 0), (128, 13, 256, 384, 3, 1, 1), (128, 13, 384, 384, 3, 1, 1), (128, 13, 384, 256, 3, 1, 1),
])
{
    ConvGeometry g = ConvGeometry.Square(kernel, stride, pad);
    var input = new Shape(batch, size, size, inputs);
    Shape output = ShapeRules.Conv(input, outputs, g), weights = ShapeRules.ConvWeights(inputs, outputs, g);
    using Tensor x = Random(input), y = Random(output), w = Random(weights), dx = Random(input), dw = Random(weights);
    double operations = 2.0 * output.Count * kernel * kernel * inputs;
    string layer = $"conv {size}x{size}x{inputs} -> {outputs}, {kernel}/{stride}";
    Time($"{layer} forward", operations, () => backend.ConvForward(x, w, null, y, g, Activation.None));
    Time($"{layer} input gradient", operations, () => backend.ConvBackwardInput(y, w, dx, g));
    Time($"{layer} weight gradient", operations, () => backend.ConvBackwardParameters(x, y, dw, null, g));
}
foreach (var (rows, inputs, outputs) in ((int, int, int)[])[(128, 12800, 4096), (128, 4096, 4096), (4096, 4096, 4096)])
{
    using Tensor x = Random(new Shape(rows, inputs)), w = Random(new Shape(outputs, inputs)), y = Random(new Shape(rows, outputs));
    Time($"linear {rows}x{inputs} -> {outputs}", 2.0 * rows * inputs * outputs, () => backend.LinearForward(x, w, null, y, Activation.None));
}
return failed == 0 ? 0 : 1;

Tensor Random(Shape shape)
{
    Tensor tensor = backend.Allocate(shape);
    backend.FillUniform(tensor, -1, 1, new RandomKey(1, (uint)shape.Count, 0));
    return tensor;
}

// The median of seven runs of enough repetitions to last some milliseconds.
void Time(string what, double operations, Action run)
{
    run();
    backend.Synchronize();
    int repetitions = 1;
    double Once()
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < repetitions; i++) run();
        backend.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
    while (repetitions < 1000 && Once() < 5) repetitions *= 2;
    double[] times = [.. Enumerable.Range(0, 7).Select(_ => Once() / repetitions).Order()];
    Console.WriteLine($"{what}: {times[3]:F3} ms, {operations / times[3] / 1e9:F2} TFLOP/s");
}
