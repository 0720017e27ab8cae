using IlgpuSpp.Detection;
using IlgpuSpp.Models;

namespace IlgpuSpp.Training.Tests;

/// <summary>Probabilities of detections whose outcome is known: for every score s of 20 the share of right ones.</summary>
public class MachineCalibrationTests
{
    private static readonly PixelBox s_object = new(10, 10, 29, 29), s_elsewhere = new(50, 50, 69, 69);

    [Fact]
    public void ProbabilitiesAreTheSharesOfRightDetections()
    {
        // Of class 0 a fifth of those at -1 are right, and four fifths of those at 1; class 1 has too few finds of its own.
        var images = new List<AnnotatedImage>();
        var found = new List<ScoredBox>();
        for (int i = 0; i < 200; i++)
        {
            images.Add(new AnnotatedImage($"{i}", i, 100, 100, [new AnnotatedObject(0, s_object)]));
            found.Add(new ScoredBox(i, 0, i < 100 ? -1 : 1, (i % 5 == 0) == (i < 100) ? s_object : s_elsewhere));
        }
        found.Add(new ScoredBox(0, 1, 5, s_elsewhere));
        PlattScaling[] fit = MachineCalibration.Fit(images, found, 2)!;
        // The targets keep 1/102 away from 0 and from 1 (Platt, section 2.2.1).
        const double Expected = 0.2 * (101.0 / 102) + 0.8 / 102;
        Assert.Equal(Expected, fit[0].Probability(-1), 1e-6);
        Assert.Equal(1 - Expected, fit[0].Probability(1), 1e-6);
        Assert.InRange(fit[1].Probability(1), 0.6, 0.8);
        Assert.NotEqual(fit[0], fit[1]);
    }

    [Fact]
    public void DifficultObjectsCountNeitherWay()
    {
        List<AnnotatedImage> images = [.. Enumerable.Range(0, 40).Select(i => new AnnotatedImage($"{i}", i, 100, 100, [new AnnotatedObject(0, s_object)]))];
        List<ScoredBox> found = [.. Enumerable.Range(0, 40).Select(i => new ScoredBox(i, 0, i % 3, i % 2 == 0 ? s_object : s_elsewhere))];
        PlattScaling[]? expected = MachineCalibration.Fit(images, found, 1);
        images.Add(new AnnotatedImage("difficult", 40, 100, 100, [new AnnotatedObject(0, s_object) { Difficult = true }]));
        found.Add(new ScoredBox(40, 0, 9, s_object));
        Assert.Equal(expected, MachineCalibration.Fit(images, found, 1));
    }

    [Fact]
    public void WithoutFindsOrWithLowerScoresTheSurer_NothingIsKnown()
    {
        AnnotatedImage[] images = [.. Enumerable.Range(0, 20).Select(i => new AnnotatedImage($"{i}", i, 100, 100, [new AnnotatedObject(0, s_object)]))];
        Assert.Null(MachineCalibration.Fit(images, [], 1));
        Assert.Null(MachineCalibration.Fit(images, [.. images.Select((_, i) => new ScoredBox(i, 0, i < 4 ? 1 : -1, i < 4 ? s_object : s_elsewhere))], 1));
        Assert.Null(MachineCalibration.Fit(images, [.. images.Select((_, i) => new ScoredBox(i, 0, i < 10 ? -1 : 1, i < 10 ? s_object : s_elsewhere))], 1));
    }
}
