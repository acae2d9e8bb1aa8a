using FedValue.Contracts.Kernels;
using FedValue.Kernels.Products;
using FedValue.Tests.Kernels.Support;

namespace FedValue.Tests.Kernels.Products;

public sealed class PackingTests
{
    const int Stride = 37, PanelRows = 14;

    [FactWithGuardPages]
    public void A_panel_of_A_is_its_rows_side_by_side_and_nothing_beside_it_is_touched()
    {
        using GuardedMemory<float> a = new(PanelRows * Stride), panel = new(PanelRows * Stride);
        for (int rows = 1; rows <= PanelRows; rows++)
        {
            for (int k = 1; k <= Stride; k++)
            {
                float[] from = Samples.Singles((rows - 1) * Stride + k, 1);
                float[] expected = new float[k * PanelRows];
                for (int i = 0; i < k * rows; i++)
                    expected[i / rows * PanelRows + i % rows] = from[i % rows * Stride + i / rows];
                Span<float> start = panel.AtStart(new float[expected.Length]);
                Packing.PanelOfA(ref a.AtStart(from)[0], Stride, rows, k, PanelRows, ref start[0], PanelRows);
                Bits.Equal(expected, start.ToArray(), $"{rows} rows, {k} columns, at the start");
                Span<float> end = panel.AtEnd(new float[expected.Length]);
                Packing.PanelOfA(ref a.AtEnd(from)[0], Stride, rows, k, PanelRows, ref end[0], PanelRows);
                Bits.Equal(expected, end.ToArray(), $"{rows} rows, {k} columns, at the end");
            }
        }
    }

    [FactWithGuardPages]
    public void A_panel_of_B_is_its_columns_and_zeros_and_nothing_beside_it_is_touched()
    {
        const int panelColumns = 32, k = 9;
        using GuardedMemory<float> b = new(k * Stride), panel = new(k * panelColumns);
        for (int columns = 1; columns <= panelColumns; columns++)
        {
            float[] from = Samples.Singles((k - 1) * Stride + columns, 1);
            float[] expected = new float[k * panelColumns];
            for (int i = 0; i < k * columns; i++)
                expected[i / columns * panelColumns + i % columns] = from[i / columns * Stride + i % columns];
            Span<float> start = panel.AtStart(Samples.Singles(expected.Length, 2));
            Packing.PanelOfB(b.AtStart(from), Stride, k, columns, panelColumns, start);
            Bits.Equal(expected, start.ToArray(), $"{columns} columns, at the start");
            Span<float> end = panel.AtEnd(Samples.Singles(expected.Length, 2));
            Packing.PanelOfB(b.AtEnd(from), Stride, k, columns, panelColumns, end);
            Bits.Equal(expected, end.ToArray(), $"{columns} columns, at the end");
        }
    }
}
