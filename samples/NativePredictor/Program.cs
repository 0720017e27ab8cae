// Names what images show, or finds the objects in them, as one native file of ten megabytes (a C linker must be at hand):
//   dotnet publish -c Release -r linux-x64 samples/NativePredictor -o native
//   native/IlgpuSpp.NativePredictor runs/photos/best.safetensors cat.jpg dog.jpg
using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
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
        using var detector = Detector.Load(args[0], cpu, ProposalPlan.OfDetector(args[0]).Open());
        foreach (string file in args[1..])
            foreach (var box in detector.DetectLikely(ImageDecoder.DecodeFile(file), file: file))
                Console.WriteLine($"{file}: {detector.ClassNames[box.Label]} {box.Score:F3} {box.Box.Left:F0},{box.Box.Top:F0},{box.Box.Right:F0},{box.Box.Bottom:F0}");
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
