// Names what images show, or finds the objects in them, as one native file of eight megabytes (a C linker must be at hand):
//   dotnet publish -c Release -r linux-x64 samples/NativePredictor -o native
//   native/IlgpuSpp.NativePredictor runs/photos/best.safetensors cat.jpg dog.jpg
using IlgpuSpp.Detection;
using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Inference;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: NativePredictor MODEL IMAGE …");
    return 2;
}

using var cpu = new CpuBackend();
try
{
    if (Detector.IsIn(args[0]))
    {
        using var detector = Detector.Load(args[0], cpu);
        foreach (string file in args[1..])
            foreach (var found in detector.Find(file))
                Console.WriteLine($"{file}: {found.ClassName} {found.Score:F3} {found.Box.Left:F0},{found.Box.Top:F0},{found.Box.Right:F0},{found.Box.Bottom:F0}");
    }
    else
    {
        using var classifier = Classifier.Load(args[0], cpu);
        foreach (string file in args[1..]) Console.WriteLine($"{file}: {string.Join("  ", classifier.Predict(file, top: 3).Select(guess => $"{guess.ClassName} {guess.Probability:F6}"))}");
    }
    return 0;
}
catch (Exception error) when (error is IlgpuSppException or IOException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
