using System.Diagnostics;
using System.Text.Json;
using IlgpuSpp;
using IlgpuSpp.Engine;
using IlgpuSpp.Ops;

// usage: Gpu cases | products | bandwidth DEVICE [PRECISION]    Prints JSON lines.
//   cases      every operation case on the device against its reference
//   products   the convolutions and linear layers of ZF-5 at batch 128, timed
//   bandwidth  a copy of 1 GiB, then element-wise and pooling operations as shares of its bandwidth
string what = args.Length > 0 ? args[0] : "cases", name = args.Length > 1 ? args[1] : "cuda";
Precision precision = args.Length > 2 ? Enum.Parse<Precision>(args[2], ignoreCase: true) : Precision.Fp32;
using Backend? opened = Open();
if (opened is not { } backend) return 1;
Console.WriteLine($"{backend.Device.Name}: {backend.Device.Hardware}, {precision}");
return what switch { "cases" => Cases(), "products" => Products(), "bandwidth" => Bandwidth(), _ => 2 };

Backend? Open()
{
    try
    {
        return Device.Open(name, new DeviceOptions { Precision = precision });
    }
    catch (DeviceException error)
    {
        Console.Error.WriteLine(error.Message);
        return null;
    }
}

int Cases()
{
    using Backend cpu = Device.Open("cpu", new DeviceOptions { ExactConvolution = true });
    // Rounding factors moves products by about 2^-11 (tf32) or 2^-8 (bf16) of the largest result.
    double floor = precision switch { Precision.Bf16 => 1e-2, Precision.Tf32 => 2e-3, _ => 0 };
    int failed = 0;
    foreach (OpCase c in OpCases.Small.Concat(OpCases.Real))
    {
        bool product = c.Name.StartsWith("Gemm", StringComparison.Ordinal) || c.Name.StartsWith("Linear", StringComparison.Ordinal) || c.Name.StartsWith("Conv", StringComparison.Ordinal);
        string? miss;
        try
        {
            miss = c.Miss(backend, cpu, product ? floor : 0);
        }
        catch (DeviceException error)
        {
            miss = error.Message;
        }
        if (miss is null) continue;
        failed++;
        Console.WriteLine($"FAILED {miss}");
    }
    foreach (string miss in Refusals.All.Select(refusal => refusal.Miss(backend)).OfType<string>())
    {
        failed++;
        Console.WriteLine($"FAILED {miss}");
    }
    Report(new() { ["precision"] = $"{precision}", ["passed"] = OpCases.Small.Count + OpCases.Real.Count + Refusals.All.Count - failed, ["failed"] = failed });
    return failed == 0 ? 0 : 1;
}

int Products()
{
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
        Rate($"{layer} forward", operations, () => backend.ConvForward(x, w, null, y, g, Activation.None));
        // Nobody asks for the gradient of the images.
        if (inputs > 3) Rate($"{layer} input gradient", operations, () => backend.ConvBackwardInput(y, w, dx, g));
        Rate($"{layer} weight gradient", operations, () => backend.ConvBackwardParameters(x, y, dw, null, g));
    }
    foreach (var (rows, inputs, outputs) in ((int, int, int)[])[(128, 12800, 4096), (128, 4096, 4096), (4096, 4096, 4096)])
    {
        using Tensor x = Random(new Shape(rows, inputs)), w = Random(new Shape(outputs, inputs)), y = Random(new Shape(rows, outputs));
        Rate($"linear {rows}x{inputs} -> {outputs}", 2.0 * rows * inputs * outputs, () => backend.LinearForward(x, w, null, y, Activation.None));
    }
    return 0;

    void Rate(string product, double operations, Action run)
    {
        double ms = Time(run);
        Report(new() { ["product"] = product, ["ms"] = Math.Round(ms, 4), ["tflops"] = Math.Round(operations / ms / 1e9, 2) });
    }
}

int Bandwidth()
{
    double copy = 0;
    int large = backend.Device.MemoryBytes < 16L << 30 ? 1 << 22 : 1 << 28;
    using (Tensor x = Random(new Shape(large)), y = Random(new Shape(large)))
        Share("copy", 8.0 * large, () => backend.Copy(x, y));

    int batch = backend.Device.MemoryBytes < 16L << 30 ? 1 : 128;
    var map = new Shape(batch, 110, 110, 96);
    PoolGeometry pool = PoolGeometry.Square(3, 2, 0, PoolRounding.Ceil);
    Shape pooled = ShapeRules.Pool(map, pool);
    var lrn = new LrnGeometry(LrnRegion.WithinChannel, 3, 5e-5f, 0.75f);
    using (Tensor x = Random(map), y = Random(map), scale = Random(map), dy = Random(map), dx = Random(map), small = Random(pooled), sums = Random(new Shape(96)))
    using (Tensor<int> argmax = backend.Allocate<int>(pooled))
    {
        double bytes = 4.0 * map.Count, less = 4.0 * pooled.Count;
        Share("LrnForward", 3 * bytes, () => backend.LrnForward(x, y, scale, lrn));
        Share("LrnBackward", 5 * bytes, () => backend.LrnBackward(x, y, scale, dy, dx, lrn));
        Share("MaxPoolForward", bytes + 2 * less, () => backend.MaxPoolForward(x, small, argmax, pool));
        Share("MaxPoolBackward", bytes + 2 * less, () => backend.MaxPoolBackward(small, argmax, dx, pool));
        Share("ActivationBackward", 3 * bytes, () => backend.ActivationBackward(Activation.Relu, y, dy, dx));
        Share("ColumnSums", bytes, () => backend.ColumnSums(x, sums, accumulate: true));
    }

    // An image of 688×917 pixels at conv5, 2000 windows of all sizes: every output is written, the map read once.
    var features = new Shape(1, 43, 57, 256);
    var pyramid = new Pyramid([6, 3, 2, 1]);
    const int count = 2000;
    var corners = new int[5 * count];
    var random = new RandomStream(new RandomKey(1, 2, 3));
    for (int i = 0; i < count; i++)
    {
        int top = random.NextInt(42), left = random.NextInt(56);
        (corners[5 * i + 1], corners[5 * i + 2]) = (top, left);
        (corners[5 * i + 3], corners[5 * i + 4]) = (top + 1 + random.NextInt(43 - top), left + 1 + random.NextInt(57 - left));
    }
    using (Tensor x = Random(features), y = Random(new Shape(count, pyramid.Bins * 256)))
    using (Tensor<int> windows = backend.Allocate<int>(new Shape(count, 5)))
    {
        windows.Upload(corners);
        Share("WindowPyramidForward, 2000 windows", 4.0 * (features.Count + y.Count), () => backend.WindowPyramidForward(x, windows, y, null, pyramid));
    }
    return 0;

    void Share(string operation, double bytes, Action run)
    {
        double ms = Time(run), rate = bytes / ms / 1e6;
        if (copy == 0) copy = rate;
        Report(new() { ["operation"] = operation, ["ms"] = Math.Round(ms, 4), ["gb_per_s"] = Math.Round(rate, 1), ["of_copy"] = Math.Round(rate / copy, 3) });
    }
}

void Report(Dictionary<string, object> fields) => Console.WriteLine(JsonSerializer.Serialize(fields));

Tensor Random(Shape shape)
{
    Tensor tensor = backend.Allocate(shape);
    backend.FillUniform(tensor, -1, 1, new RandomKey(1, (uint)shape.Count, 0));
    return tensor;
}

// The median of seven runs, in milliseconds, of enough repetitions to last some milliseconds.
double Time(Action run)
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
    return times[3];
}
