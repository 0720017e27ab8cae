using System.Diagnostics;
using System.Globalization;

namespace IlgpuSpp.Models.Tests;

/// <summary>Runs networks in OpenCV's dnn module, an independent reader of Caffe and ONNX files, where Python has it.</summary>
internal static class OpenCv
{
    private const string Script = """
        import sys, numpy, cv2
        for at in range(1, len(sys.argv), 5):
            network, weights, image, shape, layer = sys.argv[at:at + 5]
            net = cv2.dnn.readNetFromCaffe(network, weights) if weights else cv2.dnn.readNetFromONNX(network)
            blob = numpy.fromfile(image, dtype=numpy.float32).reshape([int(n) for n in shape.split(',')])
            net.setInput(blob)
            out = net.forward(layer) if layer else net.forward()
            print(','.join('%.9g' % v for v in out.ravel()))
        """;

    private static readonly Lazy<string?> Interpreter = new(Find);

    public static bool IsPresent => Interpreter.Value is not null;

    public static float[] RunCaffe(string prototxt, string caffemodel, string folder, float[] image, int[] shape, string layer) => Run(folder, (prototxt, caffemodel, image, shape, layer))[0];

    public static float[] RunOnnx(string network, string folder, float[] image, int[] shape) => Run(folder, (network, "", image, shape, ""))[0];

    /// <summary>Runs several ONNX files in one process.</summary>
    public static float[][] RunOnnx(string folder, IEnumerable<(string Network, float[] Input, int[] Shape)> runs) =>
        Run(folder, [.. runs.Select(run => (run.Network, "", run.Input, run.Shape, ""))]);

    private static float[][] Run(string folder, params (string Network, string Weights, float[] Input, int[] Shape, string Layer)[] runs)
    {
        string script = Path.Combine(folder, "run.py");
        File.WriteAllText(script, Script);
        var arguments = new List<string> { script };
        for (int i = 0; i < runs.Length; i++)
        {
            string input = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"input{i}.bin"));
            File.WriteAllBytes(input, System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(runs[i].Input).ToArray());
            arguments.AddRange([runs[i].Network, runs[i].Weights, input, string.Join(',', runs[i].Shape), runs[i].Layer]);
        }
        (int exit, string output, string error) = Execute(Interpreter.Value!, [.. arguments]);
        Assert.True(exit == 0, error);
        return [.. output.Trim().Split('\n').Select(line => line.Split(',').Select(value => float.Parse(value, CultureInfo.InvariantCulture)).ToArray())];
    }

    private static string? Find() => Array.Find(["/usr/bin/python3", "python3"], python =>
    {
        try
        {
            return Execute(python, "-c", "import cv2, numpy; cv2.dnn.readNetFromONNX").Exit == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    });

    private static (int Exit, string Output, string Error) Execute(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} ran past two minutes.");
        }
        return (process.ExitCode, output.Result, error.Result);
    }
}

/// <summary>A fact that needs Python with OpenCV; reported as skipped where that is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OpenCvFactAttribute : FactAttribute
{
    public OpenCvFactAttribute()
    {
        if (!OpenCv.IsPresent) Skip = "Python with OpenCV (Debian's python3-opencv) is not installed.";
    }
}

/// <summary>A theory that needs Python with OpenCV; reported as skipped where that is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OpenCvTheoryAttribute : TheoryAttribute
{
    public OpenCvTheoryAttribute()
    {
        if (!OpenCv.IsPresent) Skip = "Python with OpenCV (Debian's python3-opencv) is not installed.";
    }
}
