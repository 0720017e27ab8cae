using System.Diagnostics;
using System.Globalization;

namespace IlgpuSpp.Training.Tests.Checkpoints;

public class KillTests
{
    [Fact]
    public void A_process_killed_while_it_saves_leaves_a_whole_checkpoint()
    {
        using var folder = new TemporaryFolder();
        string last = new RunFolder(folder.Root).LastFile;
        int halfWritten = 0;
        // On a busy machine the first kills may all fall between two files.
        for (int attempt = 0; attempt < 6 || (halfWritten == 0 && attempt < 100); attempt++)
        {
            int reported = SaveUntilKilled(folder.Root, TimeSpan.FromMilliseconds(5 + 9 * (attempt % 6)));
            halfWritten += Directory.GetFiles(folder.Root, "*.tmp").Length > 0 ? 1 : 0;

            RunState state = Checkpoint.ReadState(last);
            Assert.InRange(state.Updates, reported, reported + 1);
            using (SafetensorsFile file = SafetensorsFile.Open(last))
            {
                foreach (string name in file.Names)
                {
                    var values = new float[file.Shape(name).Aggregate(1, (a, b) => a * b)];
                    file.ReadFloats(name, values);
                    Assert.All(values.Distinct(), v => Assert.Equal(state.Updates, v));
                }
            }

            // What was half written goes when the run is taken up again.
            new RunFolder(folder.Root).BeginResume().Dispose();
            Assert.Equal([last], Directory.GetFiles(folder.Root));
        }
        Assert.True(halfWritten > 0, "no kill came while a file was being written");
    }

    private static int SaveUntilKilled(string folder, TimeSpan after)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(KillTests).Assembly.Location, Program.SaveCheckpoints, folder]) { RedirectStandardOutput = true };
        using Process child = Process.Start(start)!;
        int reported = int.Parse(child.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        Thread.Sleep(after);
        child.Kill();
        while (child.StandardOutput.ReadLine() is { } line)
        {
            if (int.TryParse(line, CultureInfo.InvariantCulture, out int n)) reported = n;
        }
        child.WaitForExit();
        return reported;
    }
}
