from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0009_switched_off_help'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='sku',
            options={'verbose_name': 'SKU', 'verbose_name_plural': 'SKUs'},
        ),
        migrations.AlterField(
            model_name='product',
            name='kind',
            field=models.CharField(choices=[('voucher', 'Voucher'), ('top_up', 'Top up'), ('transfer', 'Transfer'), ('recharge', 'Recharge'), ('esim', 'eSIM'), ('other', 'Other'), ('unknown', 'Unknown')], max_length=12),
        ),
        migrations.AlterField(
            model_name='producttype',
            name='kind',
            field=models.CharField(choices=[('voucher', 'Voucher'), ('top_up', 'Top up'), ('transfer', 'Transfer'), ('recharge', 'Recharge'), ('esim', 'eSIM'), ('other', 'Other'), ('unknown', 'Unknown')], max_length=12),
        ),
    ]
