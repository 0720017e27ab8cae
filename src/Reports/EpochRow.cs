namespace IlgpuSpp.Reports;

/// <summary>What was measured in one epoch. Validation values are null where the epoch was not validated.</summary>
/// <param name="Epoch">The epoch's number, from 1.</param>
/// <param name="Size">The side of the training crops in pixels.</param>
/// <param name="LearningRate">The learning rate at the end of the epoch.</param>
/// <param name="TrainLoss">Mean loss over the epoch's training images.</param>
/// <param name="TrainTop1">Share of training images whose first guess was right, 0 to 1.</param>
/// <param name="ValidationLoss">Mean loss over the validation images.</param>
/// <param name="ValidationTop1">Share of validation images whose first guess was right, 0 to 1.</param>
/// <param name="ValidationTop5">Share of validation images with the true class among the first five guesses, 0 to 1.</param>
/// <param name="Seconds">Wall-clock time of the epoch in seconds.</param>
/// <param name="ImagesPerSecond">Training images per second.</param>
public sealed record EpochRow(
    int Epoch,
    int Size,
    double LearningRate,
    double TrainLoss,
    double TrainTop1,
    double? ValidationLoss,
    double? ValidationTop1,
    double? ValidationTop5,
    double Seconds,
    double ImagesPerSecond);
