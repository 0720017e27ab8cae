using System.Diagnostics;
using System.Globalization;

namespace IlgpuSpp.Models.Tests.Caffe;

/// <summary>Runs Caffe's networks in OpenCV's dnn module, an independent reader of their files, where Python has it.</summary>
internal static class OpenCv
{
    private const string Script = """
        import sys, numpy, cv2
        network, weights, image, shape, layer = sys.argv[1:]
        net = cv2.dnn.readNetFromCaffe(network, weights)
        net.setInput(numpy.fromfile(image, dtype=numpy.float32).reshape([int(n) for n in shape.split(',')]))
        print(','.join('%.9g' % v for v in net.forward(layer).ravel()))
        """;

    private static readonly Lazy<string?> Interpreter = new(Find);

    public static bool IsPresent => Interpreter.Value is not null;

    public static float[] Run(string prototxt, string caffemodel, string folder, float[] image, int[] shape, string layer)
    {
        string script = Path.Combine(folder, "run.py"), input = Path.Combine(folder, "input.bin");
        File.WriteAllText(script, Script);
        File.WriteAllBytes(input, System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(image).ToArray());
        (int exit, string output, string error) = Execute(Interpreter.Value!, script, prototxt, caffemodel, input, string.Join(',', shape), layer);
        Assert.True(exit == 0, error);
        return [.. output.Trim().Split(',').Select(value => float.Parse(value, CultureInfo.InvariantCulture))];
    }

    private static string? Find() => Array.Find(["/usr/bin/python3", "python3"], python =>
    {
        try
        {
            return Execute(python, "-c", "import cv2, numpy; cv2.dnn.readNetFromCaffe").Exit == 0;
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

/// <summary>A theory that needs Python with OpenCV; reported as skipped where that is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OpenCvTheoryAttribute : TheoryAttribute
{
    public OpenCvTheoryAttribute()
    {
        if (!OpenCv.IsPresent) Skip = "Python with OpenCV (Debian's python3-opencv) is not installed.";
    }
}
